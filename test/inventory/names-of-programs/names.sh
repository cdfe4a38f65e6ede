#!/bin/sh
echo no cache >&2
cat <<'END'
{
  "machines": {"hosts": ["vm:101", "a[1:2]", "my host"]},
  "us east": {"hosts": ["my host"]},
  "tag:Name=x": {"hosts": ["fe80::1"]}, "größe": {"hosts": ["fe80::1"]}, "web/prod": {"hosts": ["fe80::1"]},
  "_meta": {"hostvars": {"vm:101": {"x": 1}, "my host": {"y": 2}}}
}
END
