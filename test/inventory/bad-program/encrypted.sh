#!/bin/sh
echo '{"all": {"vars": {"a": {"__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256\\nzz"}}}}'
