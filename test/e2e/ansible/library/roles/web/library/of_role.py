#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.deep import told

module = AnsibleModule(argument_spec=dict(value=dict(type='dict', required=True)))
module.exit_json(changed=False, value=told(module.params['value']))
