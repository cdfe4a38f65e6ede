#!/bin/sh
# WANT_JSON
name=$(sed 's/.*"name": "\([^"]*\)".*/\1/' "$1")
echo "noise"
echo "{\"ansible_facts\": {\"site\": \"$name\"}, \"changed\": false}"
