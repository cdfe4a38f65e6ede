#!/usr/bin/python
#<<INCLUDE_ANSIBLE_MODULE_COMMON>>

AnsibleModule(argument_spec=dict()).exit_json(changed=True)
