#!/bin/sh
echo "$(basename "$0") $1 $2"
