#!/usr/bin/python
from ansible.module_utils import distro
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.compat.datetime import utcfromtimestamp
from ansible.module_utils.facts.utils import get_file_content, get_file_lines, get_mount_size

module = AnsibleModule(argument_spec={})
module.exit_json(
    told=[get_file_content('/nope', 'none'), get_file_lines('/proc/sys/kernel/ostype'), get_mount_size('/')['block_total'] > 0],
    at=utcfromtimestamp(0).isoformat(),
    same=distro.info()['id'] == distro.id() != '',
)
