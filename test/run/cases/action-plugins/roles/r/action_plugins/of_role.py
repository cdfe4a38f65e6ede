from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        return {'failed': 'never' in self._task.args, 'was': self._task.action, 'rc': 0}
