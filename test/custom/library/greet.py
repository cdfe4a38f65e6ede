#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule, env_fallback
from ansible.module_utils.greeting import greeting


def main():
    module = AnsibleModule(
        argument_spec=dict(
            name=dict(required=True, aliases=['who']),
            password=dict(no_log=True),
            token=dict(no_log=True, default='first-token'),
            times=dict(type='int', default=1),
            loud=dict(type='bool', default=False),
            how=dict(choices=['kind', 'rude', 'raise', 'exit']),
            parts=dict(type='list', elements='dict', options=dict(size=dict(type='int', required=True))),
            home=dict(fallback=(env_fallback, ['HOME_OF_NOBODY'])),
            path=dict(type='path'),
        ),
        mutually_exclusive=[('parts', 'path')],
        required_if=[('how', 'rude', ['path'])],
        required_together=[('home', 'path')],
        supports_check_mode=True,
    )
    if module.params['how'] == 'raise':
        raise ValueError('no %s' % module.params['password'])
    if module.params['how'] == 'exit':
        raise SystemExit(3)
    rc, out, _err = module.run_command(['echo', greeting(module.params['name'])] * module.params['times'])
    module.exit_json(
        changed=not module.check_mode, rc=rc, out=out.strip(), params=module.params, said=[module.params['password']]
    )


if __name__ == '__main__':
    main()
