"""JSON of values that modules give."""

import json

from ansible.module_utils.common.text.converters import jsonify


class AnsibleJSONEncoder(json.JSONEncoder):
    """Says what JSON has no value for as results of modules do."""

    def __init__(self, preprocess_unsafe=False, vault_to_text=False, **kwargs):
        super().__init__(**kwargs)

    def default(self, o):
        return json.loads(jsonify(o))


def json_dump(structure):
    return json.dumps(structure, cls=AnsibleJSONEncoder, sort_keys=True, indent=4)
