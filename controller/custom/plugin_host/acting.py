"""Runs an action plugin: the task, the connection and the loaders that it is given, all of which ask orch."""
import base64
import copy
import os
import posixpath
import shlex
from types import SimpleNamespace

from ansible.errors import AnsibleActionFail, AnsibleActionSkip, AnsibleError
from ansible.module_utils.common.text.converters import to_bytes, to_text
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, Variables


class Task(SimpleNamespace):
    """The task as it was written, with its arguments rendered."""

    def get_name(self, include_role_fqcn=True):
        return self.name

    def copy(self, exclude_parent=False, exclude_tasks=False):
        other = copy.copy(self)
        other.args = dict(self.args)
        return other


class Shell:
    """What a POSIX shell is told."""

    SHELL_FAMILY = 'sh'
    tmpdir = None

    def join_path(self, *parts):
        return posixpath.join(*parts)

    def quote(self, text):
        return shlex.quote(text)

    def path_has_trailing_slash(self, path):
        return path.endswith('/')

    def get_remote_filename(self, path):
        return posixpath.basename(path.strip())


class Connection:
    """The way to the host, which is orch's own."""

    has_pipelining = True
    become = None

    def __init__(self, ask, is_local):
        self._ask = ask
        self._shell = Shell()
        self._remote_is_local = is_local
        self.transport = 'local' if is_local else 'ssh'
        self.connected = True

    def module(self, name, args, check=None):
        args = dict(args)
        if args.pop('_uses_shell', False):
            name = 'ansible.builtin.shell'
        return self._ask('module', {'name': name, 'args': args, 'check': check})

    def action(self, name, args):
        return self._ask('action', {'name': name, 'args': args, 'check': None})

    def find(self, folder, name):
        return self._ask('find', {'folder': folder, 'name': name})

    def shell(self, cmd, in_data=None, executable=None, chdir=None):
        said = {'cmd': cmd, 'executable': executable, 'chdir': chdir, 'stdin_add_newline': False}
        if in_data is not None:
            said['stdin'] = to_text(in_data)
        done = self.module('ansible.builtin.shell', {key: value for key, value in said.items() if value is not None}, check=False)
        out, err = done.get('stdout', ''), done.get('stderr', '') or ('' if 'rc' in done else done.get('msg', ''))
        return {'rc': done.get('rc', 1), 'stdout': out, 'stdout_lines': out.splitlines(), 'stderr': err, 'stderr_lines': err.splitlines()}

    def exec_command(self, cmd, in_data=None, sudoable=True):
        done = self.shell(cmd, in_data)
        return done['rc'], to_bytes(done['stdout']), to_bytes(done['stderr'])

    def put_file(self, in_path, out_path):
        with open(in_path, 'rb') as file:
            self.put_content(file.read(), out_path)

    def put_content(self, content, path):
        args = {'content_base64': base64.b64encode(content).decode(), 'src': posixpath.basename(path), 'dest': path}
        self._need('copy', args)

    def fetch_file(self, in_path, out_path):
        content = self._need('slurp', {'src': in_path})['content']
        with open(out_path, 'wb') as file:
            file.write(base64.b64decode(content))

    def _need(self, module, args):
        done = self.module(f'ansible.builtin.{module}', args, check=False)
        if done.get('failed'):
            raise AnsibleError(str(done.get('msg', f'{module} failed')))
        return done

    def get_option(self, option, hostvars=None):
        raise KeyError(option)

    def reset(self):
        pass

    close = _connect = reset


class OtherAction:
    """Another action, to be run in the task's place."""

    def __init__(self, name, task, connection):
        self._name = name
        self._task = task
        self._connection = connection

    def run(self, tmp=None, task_vars=None):
        return self._connection.action(self._name, self._task.args)

    def cleanup(self, force=False):
        pass


class ActionLoader:
    def __init__(self, connection):
        self._connection = connection

    def get(self, name, *_, task=None, **more):
        return OtherAction(name, task, self._connection)


def act(holder, ask, said):
    """What the ActionModule of a file comes to for a task."""
    connection = Connection(ask, said['is_local'])
    task = Task(**said['task'])
    context = {key: said['task'][key] for key in ('check_mode', 'diff', 'become', 'become_user', 'no_log')}
    action = holder.ActionModule(
        task=task,
        connection=connection,
        play_context=SimpleNamespace(**context, verbosity=said['verbosity'], remote_addr=said['host'], connection=connection.transport),
        loader=DataLoader(said['basedir']),
        templar=Templar(ask),
        shared_loader_obj=SimpleNamespace(action_loader=ActionLoader(connection)),
    )
    try:
        result = action.run(task_vars=Variables(ask))
    except AnsibleActionSkip as skip:
        result = {**skip.result, 'skipped': True, 'msg': str(skip)}
    except AnsibleActionFail as failure:
        result = {**failure.result, 'failed': True, 'msg': str(failure)}
    finally:
        action.cleanup()
    if not isinstance(result, dict):
        raise AnsibleError(f'the action gave {type(result).__name__}, and no dictionary')
    return result
