from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule(argument_spec={'name': {'required': True}}, supports_check_mode=True)
    module.exit_json(changed=False, called=module._name)
