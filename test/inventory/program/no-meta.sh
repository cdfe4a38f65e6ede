#!/bin/sh
[ "$2" = y3 ] && exit
if [ "$1" = --list ]; then echo '{"g": ["y1", "y2", "y3"]}'; else echo "{\"name\": \"$2\", \"raw\": [{\"__ansible_unsafe\": \"{{ x }}\"}]}"; fi
