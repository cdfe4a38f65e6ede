"""Work on variables."""
from collections.abc import Mapping, Sequence


def _lists(first, second, how):
    if how == 'keep':
        return first
    if how == 'append':
        return first + second
    if how == 'prepend':
        return second + first
    if how == 'append_rp':
        return [item for item in first if item not in second] + second
    if how == 'prepend_rp':
        return second + [item for item in first if item not in second]
    return second


def _is_list(value):
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def merge_hash(x, y, recursive=True, list_merge='replace'):
    """A mapping with another one laid over it."""
    merged = dict(x)
    for key, value in y.items():
        present = merged.get(key)
        if recursive and isinstance(present, Mapping) and isinstance(value, Mapping):
            merged[key] = merge_hash(present, value, recursive, list_merge)
        elif _is_list(present) and _is_list(value):
            merged[key] = _lists(list(present), list(value), list_merge)
        else:
            merged[key] = value
    return merged


def combine_vars(a, b, merge=None):
    return merge_hash(a, b) if merge else {**a, **b}


def isidentifier(ident):
    return isinstance(ident, str) and ident.isascii() and ident.isidentifier()
