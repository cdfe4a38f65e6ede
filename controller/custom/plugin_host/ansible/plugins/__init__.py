"""What plugins with options stand on."""
import os

from ansible.errors import AnsibleOptionsError, AnsibleRequiredOptionError
from ansible.module_utils.parsing.convert_bool import boolean


def _listed(value):
    return value.split(',') if isinstance(value, str) else list(value)


_CONVERTERS = {
    'bool': boolean, 'boolean': boolean, 'int': int, 'integer': int, 'float': float, 'list': _listed,
    'str': str, 'string': str, 'path': os.path.expanduser,
}


class AnsiblePlugin:
    """`ansible_name`: the full name it was asked for by."""

    ansible_name = None

    def __init__(self):
        self._options = {}

    def _documented(self):
        return None

    def set_options(self, task_keys=None, var_options=None, direct=None):
        direct = direct or {}
        for name, said in ((self._documented() or {}).get('options') or {}).items():
            self._options[name] = self._value(name, said or {}, var_options or {}, direct)

    def _value(self, name, said, variables, direct):
        found = next((key for key in [name, *said.get('aliases', [])] if key in direct), None)
        named = next((each['name'] for each in said.get('vars', []) if each['name'] in variables), None)
        set_ = next((each['name'] for each in said.get('env', []) if each['name'] in os.environ), None)
        if found is not None:
            value = direct[found]
        elif named is not None:
            value = variables[named]
        elif set_ is not None:
            value = os.environ[set_]
        else:
            value = said.get('default')
        if value is None:
            if said.get('required') and name != '_terms':
                raise AnsibleRequiredOptionError(f'Required config {name!r} was not provided.')
            return None
        if said.get('choices') and value not in said['choices']:
            raise AnsibleOptionsError(f'Invalid value {value!r} for {name!r}: it must be one of {list(said["choices"])}.')
        convert = _CONVERTERS.get(said.get('type'))
        return convert(value) if convert else value

    def get_option(self, option, hostvars=None):
        if option not in self._options:
            raise KeyError(f'Requested entry ({option}) was not defined in configuration.')
        return self._options[option]

    def get_options(self, hostvars=None):
        return dict(self._options)

    def set_option(self, option, value):
        self._options[option] = value

    def has_option(self, option):
        return option in self._options
