import datetime
import re

from ansible.errors import AnsibleFilterError
from ansible.module_utils.common.text.converters import to_text


def twice(value, sep='-', **more):
    return sep.join([to_text(value)] * 2) + ''.join(sorted(more))


def refuse(value):
    raise AnsibleFilterError(f'no {value} here')


def kinds(values):
    return [type(value).__name__ for value in values]


def with_environment(environment, value):
    return value


with_environment.jinja_pass_arg = 'environment'


class FilterModule(object):
    def filters(self):
        return {
            'twice': twice,
            'refuse': refuse,
            'kinds': kinds,
            'with_environment': with_environment,
            'upper': lambda value: f'own {value}',
            'same': lambda value: value,
            'numbered': lambda value: {1: value},
            'made': lambda value: {'set': {value}, 'tuple': (value,), 'each': (x for x in [value]), 'bytes': b'abc'},
            'day_after': lambda value: value + datetime.timedelta(days=1),
            'thing': lambda value: re.compile(value),
            'prints': lambda value: print('nothing for orch') or value,
            'ends': lambda value: __import__('os')._exit(3),
        }
