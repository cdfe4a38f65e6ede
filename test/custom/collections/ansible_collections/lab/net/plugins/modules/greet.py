from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lab.net.plugins.module_utils.words import greeting
from ..module_utils import more


def main():
    module = AnsibleModule(argument_spec=dict(name=dict(type='str', required=True)))
    module.exit_json(changed=False, said=greeting(module.params['name']) + more.mark)


if __name__ == '__main__':
    main()
