#!/bin/sh
if [ "$1" = --list ]; then echo '{"g": ["y1", "y2"]}'; else echo "{\"name\": \"$2\", \"raw\": [{\"__ansible_unsafe\": \"{{ x }}\"}]}"; fi
