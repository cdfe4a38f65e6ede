#!/usr/bin/python
import datetime

from ansible.module_utils.api import generate_jittered_backoff, retry_with_delays_and_condition
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.json import json_dump
from ansible.module_utils.common.validation import safe_eval

module = AnsibleModule(argument_spec={})
tries = []


@retry_with_delays_and_condition(generate_jittered_backoff(retries=2, delay_base=0), lambda error: isinstance(error, OSError))
def third():
    tries.append(1)
    if len(tries) < 3:
        raise OSError('not yet')
    return len(tries)


module.exit_json(
    literal=module.safe_eval("{'a': [1]}"),
    text=safe_eval('os.getcwd()'),
    wrong=safe_eval('a b', include_exceptions=True)[1] is not None,
    third=third(),
    dumped=json_dump({'set': {1}, 'day': datetime.date(2026, 1, 2)}),
)
