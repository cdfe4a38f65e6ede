#!/bin/sh
# WANT_JSON
printf '{"changed": true, "private": "%s", "given": %s}' "$(stat -c %a "${1%/*}" "$1" | tr '\n' ' ')" "$(sed 's/, "_ansible_version.*/}/' "$1")"
