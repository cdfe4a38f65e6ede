#!/bin/sh
cat <<'END'
{
  "alone": "vm01", "nothing": null, "mapped": {"hosts": {"vm01": {}}}, "varied": {"hosts": ["vm02"], "vars": "x"},
  "empty": {"hosts": null, "vars": [], "children": null}, "_meta": {"hostvars": {}}
}
END
