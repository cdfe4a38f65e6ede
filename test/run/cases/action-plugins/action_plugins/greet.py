from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    _VALID_ARGS = frozenset(('who', 'file', 'fails'))

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        args = self._task.args
        if args.get('fails'):
            raise AnsibleActionFail('it was told to', result={'more': 5})
        with open(self._find_needle('files', args.get('file', 'word.txt'))) as file:
            word = file.read().strip()
        done = self._execute_module(module_name='ansible.builtin.command', module_args={'_raw_params': f'say {word} {args["who"]}'}, task_vars=task_vars)
        result.update(
            changed=True,
            said=done['stdout'],
            address=task_vars['address'],
            nothing=task_vars.get('nobody', 'none'),
            sum=self._templar.template('{{ 1 + 2 }}'),
            ansible_facts={'greeted': args['who']},
        )
        return result
