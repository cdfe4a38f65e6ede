#!/bin/sh
echo gone >&2
exit 7
