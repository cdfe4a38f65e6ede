#!/bin/sh
case "$1" in
--list) echo '{"web": ["a","b"], "db": {"hosts": ["c"], "vars": {"x": "{{ 1 }}"}, "children": ["sub"]}, "sub": {"hosts": ["d"]}, "all": {"vars": {"g": 1.0}}, "ungrouped": {"hosts": ["u"]}, "_meta": {"hostvars": {"a": {"v": [1, "é"], "t": "{{ x }}", "b": true, "n": null}}}}';;
--host) echo '{}';;
esac
