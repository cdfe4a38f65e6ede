import datetime
import re

from ansible.errors import AnsibleFilterError
from ansible.module_utils.common.text.converters import to_text
from ansible.utils.vars import merge_hash


def twice(value, sep='-', **more):
    return sep.join([to_text(value)] * 2) + ''.join(sorted(more))


def refuse(value):
    raise AnsibleFilterError(f'no {value} here')


def kinds(values):
    return [type(value).__name__ for value in values]


class Asks:
    """As Jinja2's decorators mark functions."""

    name = 'context'


def of_context(context, value):
    return f"{value} {context['greeting']} {context.get('nowhere', 'nothing')} {'name' in context}"


of_context.jinja_pass_arg = Asks


class FilterModule(object):
    def filters(self):
        return {
            'twice': twice,
            'refuse': refuse,
            'kinds': kinds,
            'of_context': of_context,
            'merged': lambda value, other: merge_hash(value, other, list_merge='append'),
            'upper': lambda value: f'own {value}',
            'same': lambda value: value,
            'numbered': lambda value: {1: value},
            'made': lambda value: {'set': {value}, 'tuple': (value,), 'each': (x for x in [value]), 'bytes': b'abc'},
            'day_after': lambda value: value + datetime.timedelta(days=1),
            'thing': lambda value: re.compile(value),
            'prints': lambda value: print('nothing for orch') or value,
            'ends': lambda value: __import__('os')._exit(3),
        }
