#!/bin/sh
[ "$1" = --list ] || exit 1
cat <<EOF
{
  "dyn": { "hosts": ["x1", "x2"], "vars": { "v": 1 }, "children": ["kid"] },
  "kid": ["x3"],
  "above": { "children": { "kid": {} }, "hosts": null },
  "single": { "foo": "bar" },
  "_meta": { "hostvars": { "x1": { "a": [1, 2] } } }
}
EOF
