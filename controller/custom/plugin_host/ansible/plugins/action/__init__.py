"""What action plugins stand on: they run on the workstation, and have orch do on the host what they ask for."""
import base64
import os
import re
import shlex

from ansible.errors import AnsibleActionFail, AnsibleActionSkip, AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.text.converters import to_bytes
from ansible.utils.display import Display

display = Display()


class ActionBase:
    TRANSFERS_FILES = False
    BYPASS_HOST_LOOP = False
    _VALID_ARGS = frozenset()
    _requires_connection = True
    _supports_check_mode = True
    _supports_async = False

    def __init__(self, task, connection, play_context, loader, templar, shared_loader_obj):
        self._task = task
        self._connection = connection
        self._play_context = play_context
        self._loader = loader
        self._templar = templar
        self._shared_loader_obj = shared_loader_obj
        self._display = display

    def run(self, tmp=None, task_vars=None):
        """What all actions begin with; what it gives is to be filled."""
        if self._task.check_mode and not self._supports_check_mode:
            raise AnsibleActionSkip('This action does not support check mode.')
        odd = sorted(set(self._task.args) - set(self._VALID_ARGS)) if self._VALID_ARGS else []
        if odd:
            raise AnsibleActionFail(f'Invalid options for {self._task.action}: {", ".join(odd)}')
        if self.TRANSFERS_FILES:
            self._make_tmp_path()
        return {}

    def cleanup(self, force=False):
        self._remove_tmp_path(self._connection._shell.tmpdir)

    def validate_argument_spec(self, argument_spec=None, **rules):
        """The task's arguments held against what the plugin takes, and as it takes them."""
        result = ArgumentSpecValidator(argument_spec or {}, **rules).validate(dict(self._task.args))
        if result.error_messages:
            raise AnsibleActionFail(f'{self._task.action}: {"; ".join(result.error_messages)}')
        return result, result.validated_parameters

    def get_plugin_option(self, plugin, option, default=None):
        try:
            return plugin.get_option(option)
        except (AttributeError, KeyError):
            return default

    # On the host.

    def _execute_module(self, module_name=None, module_args=None, tmp=None, task_vars=None, persist_files=False,
                        delete_remote_tmp=None, wrap_async=False, ignore_unknown_opts=False):
        args = self._task.args if module_args is None else module_args
        return self._connection.module(module_name or self._task.action, args)

    def _low_level_execute_command(self, cmd, sudoable=True, in_data=None, executable=None,
                                   encoding_errors='surrogate_then_replace', chdir=None):
        return self._connection.shell(cmd, in_data=in_data, executable=executable, chdir=chdir)

    def _make_tmp_path(self, remote_user=None):
        shell = self._connection._shell
        if shell.tmpdir is None:
            shell.tmpdir = self._done('tempfile', {'state': 'directory', 'prefix': 'ansible-tmp-'})['path']
        return shell.tmpdir

    def _remove_tmp_path(self, tmp_path, force=False):
        if not tmp_path:
            return
        self._done('file', {'path': tmp_path, 'state': 'absent'})
        if tmp_path == self._connection._shell.tmpdir:
            self._connection._shell.tmpdir = None

    def _early_needs_tmp_path(self):
        return self.TRANSFERS_FILES

    def _transfer_file(self, local_path, remote_path):
        self._connection.put_file(local_path, remote_path)
        return remote_path

    def _transfer_data(self, remote_path, data):
        self._connection.put_content(to_bytes(data), remote_path)
        return remote_path

    def _fixup_perms2(self, remote_paths, remote_user=None, execute=True):
        """What was brought is its user's already."""
        if execute:
            for path in remote_paths:
                self._remote_chmod([path], 'u+x')
        return remote_paths

    def _remote_chmod(self, paths, mode, sudoable=False):
        return self._low_level_execute_command(f'chmod {mode} {" ".join(map(shlex.quote, paths))}')

    def _execute_remote_stat(self, path, all_vars=None, follow=False, tmp=None, checksum=True):
        found = self._done('stat', {'path': path, 'follow': follow, 'get_checksum': checksum})['stat']
        found.setdefault('checksum', '1')
        return found

    def _remote_file_exists(self, path):
        return self._execute_remote_stat(path, checksum=False)['exists']

    def _remote_checksum(self, path, all_vars=None, follow=False):
        found = self._execute_remote_stat(path, follow=follow)
        return '3' if found.get('isdir') else found['checksum']

    def _remote_expand_user(self, path, sudoable=True, pathsep=None):
        home = re.match(r'~[\w.-]*', path)
        if not home:
            return path
        found = self._low_level_execute_command(f'echo {home[0]}')['stdout'].strip()
        return (found or home[0]) + path[home.end():]

    def _done(self, module, args):
        """The result of what is done in check mode, too."""
        result = self._connection.module(f'ansible.builtin.{module}', args, check=False)
        if result.get('failed'):
            raise AnsibleError(str(result.get('msg', f'{module} failed')))
        return result

    # On the workstation.

    def _find_needle(self, dirname, needle):
        """The file of the role or playbook that a task names."""
        return self._connection.find(dirname, needle)

    def _get_diff_data(self, destination, source, task_vars, content=None, source_file=True):
        """A file of the host held against one that is here, or against a text."""
        before = self._connection.module('ansible.builtin.slurp', {'src': destination}, check=False)
        after = source
        if source_file:
            with open(source, encoding='utf-8', errors='replace') as file:
                after = file.read()
        return {
            'before': base64.b64decode(before.get('content', '')).decode('utf-8', 'replace'),
            'after': after if content is None else content,
            'before_header': destination,
            'after_header': os.path.basename(source) if source_file else 'dynamically generated',
        }
