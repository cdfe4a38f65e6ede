"""AnsibleModule: what a module's program stands on."""

import atexit
import datetime  # noqa: F401
import grp
import hashlib
import json
import locale  # noqa: F401
import os
import platform
import pwd
import re
import selectors
import shlex
import shutil
import signal  # noqa: F401
import stat
import subprocess
import sys
import tempfile
import time
import traceback  # noqa: F401
from collections.abc import Mapping, MutableMapping, Sequence, Set  # noqa: F401
from itertools import chain, repeat  # noqa: F401

from ansible.module_utils.common import file as _file
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible.module_utils.common.collections import is_iterable, is_sequence, is_string  # noqa: F401
from ansible.module_utils.common.file import format_attributes, get_flags_from_attributes, is_executable  # noqa: F401
from ansible.module_utils.common.parameters import env_fallback, remove_values, sanitize_keys  # noqa: F401
from ansible.module_utils.common.process import get_bin_path
from ansible.module_utils.common.sys_info import (  # noqa: F401
    get_distribution,
    get_distribution_version,
    get_platform_subclass,
)
from ansible.module_utils.common.text.converters import container_to_bytes as json_dict_unicode_to_bytes  # noqa: F401
from ansible.module_utils.common.text.converters import container_to_text as json_dict_bytes_to_unicode  # noqa: F401
from ansible.module_utils.common.text.converters import jsonify, to_bytes, to_native, to_text
from ansible.module_utils.common.text.formatters import SIZE_RANGES, bytes_to_human, human_to_bytes  # noqa: F401
from ansible.module_utils.common.validation import check_missing_parameters, safe_eval
from ansible.module_utils.common.warnings import deprecate, get_deprecation_messages, get_warning_messages, warn
from ansible.module_utils.errors import AnsibleFallbackNotFound  # noqa: F401
from ansible.module_utils.parsing.convert_bool import BOOLEANS, BOOLEANS_FALSE, BOOLEANS_TRUE, boolean  # noqa: F401

# JSON of {ANSIBLE_MODULE_ARGS}; what starts the module sets it.
_ANSIBLE_ARGS = None

AVAILABLE_HASH_ALGORITHMS = {name: getattr(hashlib, name) for name in sorted(hashlib.algorithms_guaranteed)}

# What no result may hold: values of arguments with no_log.
_secrets = set()

SEQUENCETYPE = frozenset, Sequence

FILE_ATTRIBUTES = _file.FILE_ATTRIBUTES
PERM_BITS = 0o7777
DEFAULT_PERM = 0o0666

FILE_COMMON_ARGUMENTS = dict(
    mode=dict(type='raw'),
    owner=dict(type='str'),
    group=dict(type='str'),
    seuser=dict(type='str'),
    serole=dict(type='str'),
    selevel=dict(type='str'),
    setype=dict(type='str'),
    attributes=dict(type='str', aliases=['attr']),
    unsafe_writes=dict(type='bool', default=False, fallback=(env_fallback, ['ANSIBLE_UNSAFE_WRITES'])),
)


def get_platform():
    return platform.system()


def load_platform_subclass(cls, *args, **kwargs):
    return super(cls, get_platform_subclass(cls)).__new__(get_platform_subclass(cls))


def get_all_subclasses(cls):
    found = set(cls.__subclasses__())
    return found.union(*(get_all_subclasses(each) for each in found), set())


def heuristic_log_sanitize(data, no_log_values=None):
    """A text without what looks like a password in an address: user:secret@host."""
    return remove_values(re.sub(r'(://[^:/@\s]*:)[^@/\s]*@', r'\1********@', to_native(data)), no_log_values or set())


def missing_required_lib(library, reason=None, url=None):
    """The words for a Python library that is not there."""
    text = 'Failed to import the required Python library (%s) on %s\'s Python %s.' % (
        library,
        platform.node(),
        sys.executable,
    )
    if reason:
        text += ' This is required %s.' % reason
    if url:
        text += ' See %s for more info.' % url
    return text + (
        ' Please read the module documentation and install it in the appropriate location.'
        ' If the required library is installed, but Ansible is using the wrong Python interpreter,'
        ' please consult the documentation on ansible_python_interpreter'
    )


def _load_params():
    """The arguments of this run, with the internal ones."""
    if _ANSIBLE_ARGS is None:
        sys.stdout.write('{"failed": true, "msg": "The module was started without its arguments."}\n')
        sys.exit(1)
    return json.loads(to_text(_ANSIBLE_ARGS))['ANSIBLE_MODULE_ARGS']


class AnsibleModule:
    """Reads and checks a module's arguments, and tells its result."""

    def __init__(
        self,
        argument_spec,
        bypass_checks=False,
        no_log=False,
        mutually_exclusive=None,
        required_together=None,
        required_one_of=None,
        add_file_common_args=False,
        supports_check_mode=False,
        required_if=None,
        required_by=None,
    ):
        self._name = os.path.basename(__file__)
        self.argument_spec = dict(argument_spec)
        self.supports_check_mode = supports_check_mode
        self.no_log = no_log
        self.cleanup_files = []
        self.run_command_environ_update = {}
        self.aliases = {}
        self._clean = {}
        self._tmpdir = None
        if add_file_common_args:
            for name, spec in FILE_COMMON_ARGUMENTS.items():
                self.argument_spec.setdefault(name, spec)
        for name, spec in self.argument_spec.items():
            for alias in spec.get('aliases') or []:
                self.aliases[alias] = name

        self.params = _load_params()
        self._take_internal()
        self.no_log_values = _secrets
        if not bypass_checks:
            validator = ModuleArgumentSpecValidator(
                self.argument_spec,
                mutually_exclusive,
                required_together,
                required_one_of,
                required_if,
                required_by,
            )
            result = validator.validate(self.params)
            self.params.clear()
            self.params.update(result.validated_parameters)
            self.no_log_values |= result._no_log_values
            if result.errors.errors:
                error = result.errors.errors[0]
                text = error.msg
                if type(error).__name__ == 'UnsupportedError':
                    text = 'Unsupported parameters for (%s) module: %s' % (self._name, text)
                self.fail_json(msg=text)
        if self.check_mode and not self.supports_check_mode:
            self.exit_json(skipped=True, msg='remote module (%s) does not support check mode' % self._name)

    def _take_internal(self):
        """Takes what is not the task's out of the arguments."""
        internal = {}
        for key in [key for key in self.params if key.startswith('_ansible_')]:
            internal[key[len('_ansible_') :]] = self.params.pop(key)
        self._name = internal.get('module_name', self._name)
        self.ansible_version = internal.get('version', '')
        self.check_mode = bool(internal.get('check_mode', False))
        self._diff = bool(internal.get('diff', False))
        self._debug = bool(internal.get('debug', False))
        self._verbosity = internal.get('verbosity', 0)
        self._remote_tmp = internal.get('remote_tmp')
        self._shell = internal.get('shell_executable', '/bin/sh')
        self._keep_remote_files = bool(internal.get('keep_remote_files', False))
        self._syslog_facility = internal.get('syslog_facility', 'LOG_USER')
        self._selinux_special_fs = internal.get('selinux_special_fs', [])
        self._socket_path = internal.get('socket')
        self._string_conversion_action = internal.get('string_conversion_action', '')
        self.no_log = self.no_log or bool(internal.get('no_log', False))

    # Results

    def exit_json(self, **kwargs):
        """Tells the result, and ends."""
        self.do_cleanup_files()
        self._return(kwargs)
        sys.exit(0)

    def fail_json(self, msg, **kwargs):
        """Tells a failure, and ends."""
        kwargs.pop('exception', None)
        self.do_cleanup_files()
        self._return(dict(kwargs, failed=True, msg=msg))
        sys.exit(1)

    def _return(self, result):
        self.add_path_info(result)
        for warning in _listed(result.pop('warnings', None)):
            self.warn(warning)
        for old in _listed(result.pop('deprecations', None)):
            if isinstance(old, dict):
                self.deprecate(old['msg'], version=old.get('version'), date=old.get('date'))
            elif isinstance(old, (list, tuple)):
                self.deprecate(old[0], version=old[1])
            else:
                self.deprecate(old)
        result.setdefault('changed', False)
        if get_warning_messages():
            result['warnings'] = list(get_warning_messages())
        if get_deprecation_messages():
            result['deprecations'] = list(get_deprecation_messages())
        clean = remove_values(json.loads(jsonify(result)), self.no_log_values)
        sys.stdout.write('\n%s\n' % json.dumps(clean))
        sys.stdout.flush()

    def fail_on_missing_params(self, required_params=None):
        if not required_params:
            return
        try:
            check_missing_parameters(self.params, required_params)
        except TypeError as error:
            self.fail_json(msg=to_native(error))

    def warn(self, warning):
        warn(to_native(warning))

    def error_as_warning(self, msg, exception=None, **_more):
        warn('%s: %s' % (msg, exception) if msg else str(exception))

    def deprecate(self, msg, version=None, date=None, collection_name=None, **_more):
        deprecate(to_native(msg), version=version, date=date, collection_name=collection_name)

    def debug(self, msg):
        """Nothing is written to the host's log."""

    def log(self, msg, log_args=None):
        """Nothing is written to the host's log."""

    # Values

    def boolean(self, arg):
        if arg is None:
            return arg
        try:
            return boolean(arg)
        except TypeError as error:
            return self.fail_json(msg=to_native(error))

    def jsonify(self, data):
        try:
            return jsonify(data)
        except UnicodeError as error:
            return self.fail_json(msg=to_text(error))

    def safe_eval(self, value, locals=None, include_exceptions=False):
        return safe_eval(value, locals, include_exceptions)

    def from_json(self, data):
        return json.loads(data)

    def human_to_bytes(self, number, isbits=False):
        return human_to_bytes(number, isbits=isbits)

    def bytes_to_human(self, size):
        return bytes_to_human(size)

    # Files

    @property
    def tmpdir(self):
        """A folder of this run, gone with it."""
        if self._tmpdir is None:
            self._tmpdir = tempfile.mkdtemp(prefix='ansible-moduletmp-')
            atexit.register(shutil.rmtree, self._tmpdir, True)
        return self._tmpdir

    def add_cleanup_file(self, path):
        if path not in self.cleanup_files:
            self.cleanup_files.append(path)

    def do_cleanup_files(self):
        for path in self.cleanup_files:
            self.cleanup(path)

    def cleanup(self, tmpfile):
        if os.path.exists(tmpfile):
            try:
                os.unlink(tmpfile)
            except OSError as error:
                sys.stderr.write('could not cleanup %s: %s' % (tmpfile, to_native(error)))

    def digest_from_file(self, filename, algorithm):
        """A file's checksum; None where there is no file."""
        if not os.path.exists(filename):
            return None
        if os.path.isdir(filename):
            self.fail_json(msg='attempted to take checksum of directory: %s' % filename)
        digest = algorithm if hasattr(algorithm, 'hexdigest') else hashlib.new(algorithm)
        with open(os.path.realpath(filename), 'rb') as content:
            for block in iter(lambda: content.read(65536), b''):
                digest.update(block)
        return digest.hexdigest()

    def md5(self, filename):
        return self.digest_from_file(filename, 'md5')

    def sha1(self, filename):
        return self.digest_from_file(filename, 'sha1')

    def sha256(self, filename):
        return self.digest_from_file(filename, 'sha256')

    def backup_local(self, fn):
        """Copies a file beside itself, with the time in its name; gives that name, empty where there is no file."""
        if not os.path.exists(fn):
            return ''
        backup = '%s.%s.%s' % (fn, os.getpid(), time.strftime('%Y-%m-%d@%H:%M:%S~'))
        try:
            self.preserved_copy(fn, backup)
        except (shutil.Error, OSError) as error:
            self.fail_json(msg='Could not make backup of %s to %s: %s' % (fn, backup, to_native(error)))
        return backup

    def preserved_copy(self, src, dest):
        """Copies a file with its mode, times and owner."""
        shutil.copy2(src, dest)
        found = os.stat(src)
        try:
            os.chown(dest, found.st_uid, found.st_gid)
        except PermissionError:
            pass

    def atomic_move(self, src, dest, unsafe_writes=False, keep_dest_attrs=True):
        """Puts src in the place of dest at once, with the owner and mode that dest had."""
        there = os.path.lexists(dest)
        if there and keep_dest_attrs:
            found = os.stat(dest)
            os.chmod(src, found.st_mode & PERM_BITS)
            try:
                os.chown(src, found.st_uid, found.st_gid)
            except PermissionError:
                pass
        try:
            self._replace(src, dest)
        except OSError as error:
            if not unsafe_writes:
                self.fail_json(
                    msg='Could not replace file: %s to %s: %s' % (to_native(src), to_native(dest), to_native(error))
                )
            shutil.copyfile(src, dest)
            os.unlink(src)
        if not there:
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(dest, DEFAULT_PERM & ~umask)

    def _replace(self, src, dest):
        """A rename, by way of a copy beside dest where that is on another file system."""
        try:
            os.rename(src, dest)
            return
        except OSError as error:
            if error.errno not in (1, 13, 18, 26):
                raise
        handle, beside = tempfile.mkstemp(prefix='.ansible_tmp', dir=os.path.dirname(to_native(dest)) or '.')
        os.close(handle)
        try:
            self.preserved_copy(src, beside)
            os.rename(beside, dest)
        except OSError:
            self.cleanup(beside)
            raise
        os.unlink(src)

    def append_to_file(self, filename, str):
        with open(os.path.expandvars(os.path.expanduser(filename)), 'a') as out:
            out.write(str)

    def selinux_enabled(self):
        return False

    def selinux_mls_enabled(self):
        return False

    def selinux_initial_context(self):
        return [None, None, None]

    def selinux_default_context(self, path, mode=0):
        return [None, None, None]

    def selinux_context(self, path):
        return [None, None, None]

    def set_default_selinux_context(self, path, changed):
        return changed

    def set_context_if_different(self, path, context, changed, diff=None):
        return changed

    def is_special_selinux_path(self, path):
        return (False, None)

    def load_file_common_arguments(self, params, path=None):
        """What set_fs_attributes_if_different takes, of a module's arguments."""
        where = path or params.get('path', params.get('dest', None))
        if where is None:
            return {}
        return dict(
            path=os.path.expanduser(os.path.expandvars(where)),
            mode=params.get('mode'),
            owner=params.get('owner'),
            group=params.get('group'),
            seuser=params.get('seuser'),
            serole=params.get('serole'),
            setype=params.get('setype'),
            selevel=params.get('selevel'),
            secontext=[None, None, None],
            attributes=params.get('attributes'),
        )

    def user_and_group(self, path, expand=True):
        found = os.lstat(os.path.expanduser(os.path.expandvars(path)) if expand else path)
        return (found.st_uid, found.st_gid)

    def find_mount_point(self, path):
        where = os.path.realpath(path)
        while not os.path.ismount(where):
            where = os.path.dirname(where)
        return where

    def check_file_absent_if_check_mode(self, file_path):
        return self.check_mode and not os.path.exists(file_path)

    def _set_id(self, path, wanted, changed, diff, key, find, current):
        """Sets an owner or a group; `find`: the number of a name."""
        if wanted is None:
            return changed
        path = os.path.expanduser(os.path.expandvars(path)) if isinstance(path, str) else path
        if self.check_file_absent_if_check_mode(path):
            return True
        try:
            number = int(wanted)
        except ValueError:
            try:
                number = find(wanted)
            except KeyError:
                self.fail_json(path=to_native(path), msg='chown failed: failed to look up %s %s' % (key, wanted))
        before = current(os.lstat(path))
        if number == before:
            return changed
        if diff is not None:
            diff.setdefault('before', {})[key] = before
            diff.setdefault('after', {})[key] = number
        if self.check_mode:
            return True
        try:
            os.lchown(path, *((number, -1) if key == 'owner' else (-1, number)))
        except OSError as error:
            self.fail_json(path=to_native(path), msg='chown failed: %s' % to_text(error))
        return True

    def set_owner_if_different(self, path, owner, changed, diff=None, expand=True):
        return self._set_id(
            path, owner, changed, diff, 'owner', lambda name: pwd.getpwnam(name).pw_uid, lambda found: found.st_uid
        )

    def set_group_if_different(self, path, group, changed, diff=None, expand=True):
        return self._set_id(
            path, group, changed, diff, 'group', lambda name: grp.getgrnam(name).gr_gid, lambda found: found.st_gid
        )

    def set_mode_if_different(self, path, mode, changed, diff=None, expand=True):
        if mode is None:
            return changed
        path = os.path.expanduser(os.path.expandvars(path)) if expand else path
        if self.check_file_absent_if_check_mode(path):
            return True
        found = os.lstat(path)
        if not isinstance(mode, int):
            try:
                mode = int(mode, 8)
            except ValueError:
                try:
                    mode = self._symbolic_mode_to_octal(found, mode)
                except ValueError as error:
                    self.fail_json(path=to_native(path), msg=to_native(error))
        if mode != stat.S_IMODE(mode):
            self.fail_json(path=to_native(path), msg='Invalid mode supplied, only permission info is allowed')
        before = stat.S_IMODE(found.st_mode)
        if before == mode or stat.S_ISLNK(found.st_mode):
            return changed
        if diff is not None:
            diff.setdefault('before', {})['mode'] = '0%03o' % before
            diff.setdefault('after', {})['mode'] = '0%03o' % mode
        if self.check_mode:
            return True
        try:
            os.chmod(path, mode)
        except OSError as error:
            self.fail_json(path=to_native(path), msg='chmod failed: %s' % to_native(error))
        return True

    @staticmethod
    def _symbolic_mode_to_octal(path_stat, symbolic_mode):
        """u=rw,g+x of chmod(1), from the mode that a file has. Raises ValueError."""
        mode = stat.S_IMODE(path_stat.st_mode)
        shifts = {'u': 6, 'g': 3, 'o': 0}
        for clause in symbolic_mode.split(','):
            parts = re.match(r'^([ugoa]*)((?:[-+=][rwxXstugo]*)+)$', clause)
            if parts is None:
                raise ValueError('bad symbolic permission for mode: %s' % clause)
            umask = 0
            if not parts.group(1):
                umask = os.umask(0)
                os.umask(umask)
            users = 'ugo' if 'a' in parts.group(1) or not parts.group(1) else parts.group(1)
            for operator, perms in re.findall(r'([-+=])([rwxXstugo]*)', parts.group(2)):
                for user in users:
                    shift = shifts[user]
                    bits = 0
                    for perm in perms:
                        if perm in shifts:
                            bits |= ((mode >> shifts[perm]) & 7) << shift
                        elif perm == 'X':
                            runs = stat.S_ISDIR(path_stat.st_mode) or mode & 0o111
                            bits |= (1 << shift) if runs else 0
                        elif perm == 's':
                            bits |= {'u': stat.S_ISUID, 'g': stat.S_ISGID}.get(user, 0)
                        elif perm == 't':
                            bits |= stat.S_ISVTX
                        else:
                            bits |= {'r': 4, 'w': 2, 'x': 1}[perm] << shift
                    bits &= ~umask
                    if operator == '+':
                        mode |= bits
                    elif operator == '-':
                        mode &= ~bits
                    else:
                        special = {'u': stat.S_ISUID, 'g': stat.S_ISGID, 'o': stat.S_ISVTX}[user]
                        mode = mode & ~((7 << shift) | special) | bits
        return mode

    def get_file_attributes(self, path, include_version=True):
        lsattr = self.get_bin_path('lsattr')
        if not lsattr:
            return {}
        rc, out, _err = self.run_command([lsattr, '-d', path])
        if rc != 0 or not out.split():
            return {}
        flags = out.split()[0].replace('-', '').strip()
        return {'attr_flags': flags, 'attributes': format_attributes(flags)}

    def set_attributes_if_different(self, path, attributes, changed, diff=None, expand=True):
        if attributes is None:
            return changed
        operator = attributes[0] if attributes[:1] in ('+', '-', '=') else '='
        letters = attributes.lstrip('+-=')
        before = self.get_file_attributes(path).get('attr_flags', '')
        if operator == '+' and set(letters) <= set(before) or operator == '-' and not set(letters) & set(before):
            return changed
        if operator == '=' and sorted(letters) == sorted(before):
            return changed
        if diff is not None:
            diff.setdefault('before', {})['attributes'] = before
            diff.setdefault('after', {})['attributes'] = operator + letters
        if self.check_mode:
            return True
        chattr = self.get_bin_path('chattr', required=True)
        rc, out, err = self.run_command([chattr, operator + letters, path])
        if rc != 0 or err:
            self.fail_json(path=to_native(path), msg='chattr failed', details=out + err)
        return True

    def set_fs_attributes_if_different(self, file_args, changed, diff=None, expand=True):
        """Owner, group, mode and attributes as a module's arguments have them."""
        path = file_args['path']
        changed = self.set_owner_if_different(path, file_args.get('owner'), changed, diff)
        changed = self.set_group_if_different(path, file_args.get('group'), changed, diff)
        changed = self.set_mode_if_different(path, file_args.get('mode'), changed, diff)
        return self.set_attributes_if_different(path, file_args.get('attributes'), changed, diff)

    set_directory_attributes_if_different = set_fs_attributes_if_different
    set_file_attributes_if_different = set_fs_attributes_if_different

    def add_path_info(self, kwargs):
        """Adds owner, mode, size and kind of the path that a result tells."""
        path = kwargs.get('path', kwargs.get('dest'))
        if not isinstance(path, (str, bytes)) or not os.path.exists(path):
            return kwargs
        found = os.lstat(path)
        kwargs.update(uid=found.st_uid, gid=found.st_gid, size=found.st_size, mode='0%03o' % stat.S_IMODE(found.st_mode))
        for key, look, number in (('owner', pwd.getpwuid, found.st_uid), ('group', grp.getgrgid, found.st_gid)):
            try:
                kwargs[key] = look(number)[0]
            except KeyError:
                kwargs[key] = str(number)
        if os.path.islink(path):
            kwargs['state'] = 'link'
        elif os.path.isdir(path):
            kwargs['state'] = 'directory'
        else:
            kwargs['state'] = 'hard' if found.st_nlink > 1 else 'file'
        return kwargs

    # Programs

    def get_bin_path(self, arg, required=False, opt_dirs=None):
        try:
            return get_bin_path(arg, opt_dirs)
        except ValueError as error:
            if required:
                self.fail_json(msg=to_text(error))
            return None

    def run_command(
        self,
        args,
        check_rc=False,
        close_fds=True,
        executable=None,
        data=None,
        binary_data=False,
        path_prefix=None,
        cwd=None,
        use_unsafe_shell=False,
        prompt_regex=None,
        environ_update=None,
        umask=None,
        encoding='utf-8',
        errors='surrogate_or_strict',
        expand_user_and_vars=True,
        pass_fds=None,
        before_communicate_callback=None,
        ignore_invalid_cwd=True,
        handle_exceptions=True,
    ):
        """Runs a program; gives its status and what it printed. No shell unless use_unsafe_shell asks for it."""
        if not isinstance(args, (list, tuple, bytes, str)):
            self.fail_json(rc=257, cmd=args, msg="Argument 'args' to run_command must be list or string")
        command, shown = self._command(args, use_unsafe_shell, executable, expand_user_and_vars)
        env = dict(os.environ)
        env.update(self.run_command_environ_update)
        env.update(environ_update or {})
        env = {key: str(value) for key, value in env.items() if value is not None}
        if path_prefix:
            env['PATH'] = '%s:%s' % (path_prefix, env.get('PATH', ''))
        folder = os.path.abspath(os.path.expanduser(cwd)) if cwd else None
        if folder and not os.path.isdir(folder):
            if not ignore_invalid_cwd:
                self.fail_json(msg='Provided cwd is not a valid directory: %s' % cwd)
            folder = None
        try:
            process = subprocess.Popen(
                command,
                executable=executable if not use_unsafe_shell else None,
                close_fds=close_fds,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=folder,
                env=env,
                preexec_fn=(lambda: os.umask(umask)) if umask is not None else None,
                **({'pass_fds': pass_fds} if pass_fds else {})
            )
            if before_communicate_callback:
                before_communicate_callback(process)
            out, err, asked = self._talk(process, data, binary_data, prompt_regex)
        except OSError as error:
            if not handle_exceptions:
                raise
            return self.fail_json(
                rc=error.errno, stdout='', stderr='', msg=to_native(error), cmd=self._shown(shown)
            )
        rc = process.returncode
        if encoding is not None:
            out, err = to_native(out, encoding, errors), to_native(err, encoding, errors)
        if asked:
            return (257, out, 'A prompt was encountered while running a command, but no input data was specified')
        if rc != 0 and check_rc:
            text = to_native(err).rstrip()
            self.fail_json(cmd=self._shown(shown), rc=rc, stdout=out, stderr=err, msg=text)
        return (rc, out, err)

    def _command(self, args, use_unsafe_shell, executable, expand):
        """The argv of a command, and its words for people."""
        if use_unsafe_shell:
            text = args if isinstance(args, (str, bytes)) else ' '.join(shlex.quote(to_native(word)) for word in args)
            return [executable or self._shell, '-c', text], [text]
        words = shlex.split(to_native(args)) if isinstance(args, (str, bytes)) else [to_native(word) for word in args]
        if expand:
            words = [os.path.expanduser(os.path.expandvars(word)) for word in words if word is not None]
        return words, words

    def _shown(self, words):
        return remove_values(' '.join(shlex.quote(to_native(word)) for word in words), self.no_log_values)

    def _talk(self, process, data, binary_data, prompt_regex):
        """Gives a program its input and takes its output, until it ends or asks for what prompt_regex matches."""
        given = b''
        if data is not None:
            given = to_bytes(data) if binary_data else to_bytes(data) + (b'' if to_bytes(data).endswith(b'\n') else b'\n')
        if prompt_regex is None or data is not None:
            out, err = process.communicate(given)
            return out, err, False
        process.stdin.close()
        pattern = re.compile(to_bytes(prompt_regex), re.MULTILINE)
        taken = {process.stdout: b'', process.stderr: b''}
        with selectors.DefaultSelector() as selector:
            for stream in taken:
                selector.register(stream, selectors.EVENT_READ)
            while selector.get_map():
                for key, _events in selector.select():
                    block = os.read(key.fd, 65536)
                    if not block:
                        selector.unregister(key.fileobj)
                    taken[key.fileobj] += block
                if pattern.search(taken[process.stdout]):
                    process.kill()
                    process.wait()
                    return taken[process.stdout], taken[process.stderr], True
        process.wait()
        return taken[process.stdout], taken[process.stderr], False


def _listed(value):
    if value is None:
        return []
    return value if isinstance(value, (list, tuple)) else [value]
