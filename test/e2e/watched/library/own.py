from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.helper import word

AnsibleModule(argument_spec={}).exit_json(changed=False, msg=word + ", v1")
