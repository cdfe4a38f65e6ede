#!/usr/bin/python
from __future__ import absolute_import, division, print_function

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.site import shout


def main():
    module = AnsibleModule(
        argument_spec=dict(
            state=dict(default='present', choices=['present', 'absent']),
            count=dict(type='int', aliases=['n']),
            ratio=dict(type='float'),
            flag=dict(type='bool', default=True),
            names=dict(type='list', elements='str', default=[]),
            rest=dict(type='dict', options=dict(a=dict(type='int', default=7), b=dict(type='str')), apply_defaults=True),
            secret=dict(no_log=True),
            size=dict(type='bytes'),
        ),
        required_one_of=[('count', 'names')],
        supports_check_mode=True,
    )
    rc, out, err = module.run_command(['sh', '-c', 'cat; echo oops >&2; exit 2'], data='in')
    module.exit_json(
        changed=True,
        got={key: value for key, value in module.params.items()},
        told=shout('%s' % module.params['secret']),
        ran=[rc, out, err],
        check=module.check_mode,
    )


if __name__ == '__main__':
    main()
