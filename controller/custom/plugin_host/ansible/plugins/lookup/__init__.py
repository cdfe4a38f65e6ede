"""What lookups stand on."""
import os

from ansible.errors import AnsibleError, AnsibleFileNotFound
from ansible.parsing.dataloader import DataLoader
from ansible.plugins import AnsiblePlugin
from ansible.utils.display import Display

display = Display()


class LookupBase(AnsiblePlugin):
    def __init__(self, loader=None, templar=None, **kwargs):
        super().__init__()
        self._loader = loader or DataLoader()
        self._templar = templar
        self._display = display

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
