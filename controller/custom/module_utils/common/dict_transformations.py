"""Keys from one manner of writing to another, and dicts held against each other."""

import re
from copy import deepcopy


def _camel_to_snake(name, reversible=False):
    def whole(found):
        return '_' + found.group(0).lower()

    if reversible:
        return re.sub(r'[A-Z]', whole, name).lstrip('_')
    # HTTPEndpoints: the plural s belongs to the capitals before it.
    plural = re.sub(r'[A-Z]{3,}s$', whole, name)
    words = re.sub(r'(.)([A-Z][a-z]+)', r'\1_\2', plural)
    return re.sub(r'([a-z0-9])([A-Z])', r'\1_\2', words).lower()


def _snake_to_camel(snake, capitalize_first=False):
    first, *rest = snake.split('_')
    head = first.capitalize() or '_' if capitalize_first else first
    return head + ''.join(word.capitalize() or '_' for word in rest)


def _keys(value, convert, ignored):
    if isinstance(value, dict):
        return {convert(key): item if key in ignored else _keys(item, convert, ignored) for key, item in value.items()}
    if isinstance(value, list):
        return [_keys(item, convert, ignored) for item in value]
    return value


def camel_dict_to_snake_dict(camel_dict, reversible=False, ignore_list=()):
    return _keys(camel_dict, lambda key: _camel_to_snake(key, reversible) if isinstance(key, str) else key, ignore_list)


def snake_dict_to_camel_dict(snake_dict, capitalize_first=False):
    return _keys(snake_dict, lambda key: _snake_to_camel(key, capitalize_first) if isinstance(key, str) else key, ())


def dict_merge(a, b):
    """a with b in it, dicts at any depth merged."""
    if not isinstance(b, dict):
        return b
    result = deepcopy(a)
    for key, value in b.items():
        if key in result and isinstance(result[key], dict):
            result[key] = dict_merge(result[key], value)
        else:
            result[key] = deepcopy(value)
    return result


def recursive_diff(dict1, dict2):
    """What only dict1 has and what only dict2 has, as a pair; None where they are equal."""
    if not all(isinstance(item, dict) for item in (dict1, dict2)):
        raise TypeError('Unable to diff %s and %s: both must be a dictionary.' % (type(dict1), type(dict2)))
    left = {key: value for key, value in dict1.items() if key not in dict2}
    right = {key: value for key, value in dict2.items() if key not in dict1}
    for key in dict1.keys() & dict2.keys():
        one, other = dict1[key], dict2[key]
        if isinstance(one, dict) and isinstance(other, dict):
            inner = recursive_diff(one, other)
            if inner:
                left[key], right[key] = inner
        elif one != other:
            left[key], right[key] = one, other
    return (left, right) if left or right else None
