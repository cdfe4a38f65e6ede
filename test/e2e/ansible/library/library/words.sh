#!/bin/sh
. "$1"
if [ "$fail" = True ]; then printf '{"rc": 3, "stdout": "a%snb"}' '\'; exit; fi
echo "{\"changed\": true, \"said\": \"$text/$flag/$number\", \"check\": \"$_ansible_check_mode\"}"
