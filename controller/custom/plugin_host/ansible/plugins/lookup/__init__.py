"""What lookups stand on."""
import os

from ansible.errors import AnsibleError, AnsibleFileNotFound, AnsibleOptionsError, AnsibleRequiredOptionError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.parsing.dataloader import DataLoader
from ansible.utils.display import Display

display = Display()


def _listed(value):
    return value.split(',') if isinstance(value, str) else list(value)


_CONVERTERS = {
    'bool': boolean, 'boolean': boolean, 'int': int, 'integer': int, 'float': float, 'list': _listed,
    'str': str, 'string': str, 'path': os.path.expanduser,
}


class LookupBase:
    def __init__(self, loader=None, templar=None, **kwargs):
        self._loader = loader or DataLoader()
        self._templar = templar
        self._display = display
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

    def run(self, terms, variables=None, **kwargs):
        raise NotImplementedError('a lookup has a method run')

    def find_file_in_search_path(self, myvars, subdir, needle, ignore_missing=False):
        places = [*(myvars.get('ansible_search_path') or []), self._loader.get_basedir()]
        paths = [needle] if os.path.isabs(needle) else [
            path for place in places for path in (os.path.join(place, subdir, needle), os.path.join(place, needle))
        ]
        found = next((path for path in paths if os.path.exists(path)), None)
        if found is None and not ignore_missing:
            raise AnsibleFileNotFound(file_name=needle, paths=paths)
        return found

    def get_basedir(self, variables):
        return variables.get('role_path') or variables.get('playbook_dir') or self._loader.get_basedir()

    @staticmethod
    def _flatten(terms):
        return [item for term in terms for item in (term if isinstance(term, (list, tuple)) else [term])]

    @staticmethod
    def _combine(a, b):
        return [LookupBase._flatten([x, y]) for x in a for y in b]
