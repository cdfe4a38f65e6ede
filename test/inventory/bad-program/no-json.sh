#!/bin/sh
echo vm01
echo "no token" >&2
