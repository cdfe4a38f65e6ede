"""What kind of container a value is."""

from collections.abc import Hashable, Mapping, MutableMapping, MutableSequence, Sequence, Set  # noqa: F401


def is_string(seq):
    return isinstance(seq, (str, bytes))


def is_iterable(seq, include_strings=False):
    if not include_strings and is_string(seq):
        return False
    try:
        iter(seq)
    except TypeError:
        return False
    return True


def is_sequence(seq, include_strings=False):
    return (include_strings or not is_string(seq)) and isinstance(seq, Sequence)


def count(seq):
    """How often each item is there."""
    if not is_iterable(seq):
        raise Exception('Argument provided  is not an iterable')
    counted = {}
    for item in seq:
        counted[item] = counted.get(item, 0) + 1
    return counted


class ImmutableDict(Hashable, Mapping):
    """A dict that stays as it is."""

    def __init__(self, *args, **kwargs):
        self._store = dict(*args, **kwargs)

    def __getitem__(self, key):
        return self._store[key]

    def __iter__(self):
        return iter(self._store)

    def __len__(self):
        return len(self._store)

    def __hash__(self):
        return hash(frozenset(self._store.items()))

    def __eq__(self, other):
        return isinstance(other, Mapping) and dict(self) == dict(other)

    def __repr__(self):
        return 'ImmutableDict(%r)' % self._store

    def union(self, overriding_mapping):
        return ImmutableDict(self._store, **overriding_mapping)

    def difference(self, subtractive_iterable):
        gone = frozenset(subtractive_iterable)
        return ImmutableDict((key, value) for key, value in self._store.items() if key not in gone)
