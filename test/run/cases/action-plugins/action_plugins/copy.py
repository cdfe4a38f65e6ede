from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    TRANSFERS_FILES = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        self._transfer_data(self._connection._shell.join_path(self._make_tmp_path(), 'data'), 'abc')
        task = self._task.copy()
        task.args['content'] = 'wrapped ' + task.args['content']
        result.update(self._shared_loader_obj.action_loader.get('copy', task=task).run(task_vars=task_vars))
        return result
