#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule

module = AnsibleModule(argument_spec=dict(result=dict(type='dict')))
module.exit_json(**module.params['result'])
