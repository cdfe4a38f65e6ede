"""Arguments by their specification: fallbacks, defaults, secrets."""

import os

from ansible.module_utils.common import validation
from ansible.module_utils.errors import AnsibleFallbackNotFound

DEFAULT_TYPE_VALIDATORS = {
    name: getattr(validation, 'check_type_' + name)
    for name in ('str', 'list', 'dict', 'bool', 'int', 'float', 'path', 'raw', 'jsonarg', 'bytes', 'bits')
}
DEFAULT_TYPE_VALIDATORS['json'] = validation.check_type_jsonarg

PASS_BOOLS = ('check_mode', 'debug', 'diff', 'keep_remote_files', 'ignore_unknown_opts', 'no_log')

_HIDDEN = 'VALUE_SPECIFIED_IN_NO_LOG_PARAMETER'
_MASK = '********'


def env_fallback(*args, **_kwargs):
    """The value of the first environment variable that is there. Raises AnsibleFallbackNotFound."""
    for name in args:
        if name in os.environ:
            return os.environ[name]
    raise AnsibleFallbackNotFound


def texts_in(value):
    """Every text and number inside a value."""
    if isinstance(value, dict):
        return set().union(*(texts_in(item) for item in value.values()), set())
    if isinstance(value, (list, tuple, set)):
        return set().union(*(texts_in(item) for item in value), set())
    if value is None or isinstance(value, bool):
        return set()
    return {value if isinstance(value, str) else str(value)} - {''}


def sanitize_keys(obj, no_log_strings, ignore_keys=frozenset()):
    """The same data with secrets out of the keys of dicts."""
    if isinstance(obj, dict):
        return {
            key if key in ignore_keys or str(key).startswith('_ansible') else remove_values(key, no_log_strings):
            sanitize_keys(value, no_log_strings, ignore_keys)
            for key, value in obj.items()
        }
    if isinstance(obj, (list, tuple, set)):
        return type(obj)(sanitize_keys(item, no_log_strings, ignore_keys) for item in obj)
    return obj


def remove_values(value, no_log_strings):
    """The same data with secrets out of it: a value that is one is replaced, within longer texts it is masked."""
    if not no_log_strings:
        return value
    if isinstance(value, dict):
        return {key: remove_values(item, no_log_strings) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return type(value)(remove_values(item, no_log_strings) for item in value)
    if value is None or isinstance(value, bool):
        return value
    text = value.decode('utf-8', 'surrogateescape') if isinstance(value, bytes) else str(value)
    if text in no_log_strings:
        return _HIDDEN
    masked = text
    for secret in sorted(no_log_strings, key=len, reverse=True):
        masked = masked.replace(secret, _MASK)
    if masked == text:
        return value
    return masked if isinstance(value, (str, bytes)) else _HIDDEN
