"""Answers of Ansible's own template engine.

Reads one JSON object on stdin: {"vars": {...}, "files": {name: text}, "cases": [{"kind": "expression"|"file", "text": ...}]}.
Prints one JSON list: for each case [value], or [] where Ansible fails. Needs ansible-core 2.19.
"""

import json
import os
import sys
import tempfile

os.environ['TZ'] = 'UTC'

from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar, trust_as_template
from ansible.utils.display import Display

for quiet in ('deprecated', 'warning', 'error_as_warning', 'display'):
    setattr(Display, quiet, lambda *args, **kwargs: None)


def main():
    init_plugin_loader()
    given = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as folder:
        for name, text in given.get('files', {}).items():
            with open(os.path.join(folder, name), 'w') as file:
                file.write(text)
        loader = DataLoader()
        loader.set_basedir(folder)
        templar = Templar(loader=loader, variables={**given['vars'], 'ansible_search_path': [folder]})
        files = templar.copy_with_new_env(searchpath=[folder], available_variables=given['vars'])
        answers = []
        for case in given['cases']:
            try:
                if case['kind'] == 'file':
                    value = files.template(trust_as_template(case['text']), escape_backslashes=False)
                else:
                    value = templar.template(trust_as_template('{{ ' + case['text'] + ' }}'))
                answers.append([json.loads(json.dumps(value, allow_nan=False))])
            except Exception as error:
                if '--why' in sys.argv:
                    print(case['text'], '=>', error, file=sys.stderr)
                answers.append([])
    json.dump(answers, sys.stdout)


main()
