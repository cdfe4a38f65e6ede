#!/bin/sh
printf '%s\n' "$@"
read -r line || echo nothing on standard input
