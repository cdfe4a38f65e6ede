#!/bin/sh
. "$1"
echo "{\"name\": \"$(printf %s "$name" | sed "s/\"/\\\\\"/g")\", \"on\": \"$on\", \"list\": \"$list\", \"check\": \"$_ansible_check_mode\"}"
