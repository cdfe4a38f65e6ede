"""Sizes for people."""

import re

SIZE_RANGES = {
    'Y': 1 << 80,
    'Z': 1 << 70,
    'E': 1 << 60,
    'P': 1 << 50,
    'T': 1 << 40,
    'G': 1 << 30,
    'M': 1 << 20,
    'K': 1 << 10,
    'B': 1,
}


def lenient_lowercase(lst):
    """The texts of a list in lower case; what is no text stays."""
    return [value.lower() if isinstance(value, str) else value for value in lst]


def human_to_bytes(number, default_unit=None, isbits=False):
    """'10M' as a number; with isbits '10Mb'. Raises ValueError."""
    found = re.match(r'^\s*(\d*\.?\d*)\s*([A-Za-z]+)?', str(number))
    if found is None or not re.search(r'\d', found.group(1)):
        raise ValueError("human_to_bytes() can't interpret following string: %s" % number)
    amount = float(found.group(1))
    unit = found.group(2) or default_unit
    if unit is None:
        return int(round(amount))
    size = SIZE_RANGES.get(unit[0].upper())
    if size is None:
        raise ValueError(
            'human_to_bytes() failed to convert %s (unit = %s). The suffix must be one of %s'
            % (number, unit, ', '.join(SIZE_RANGES))
        )
    word = 'bit' if isbits else 'byte'
    letter = 'b' if isbits else 'B'
    rest = unit[1:]
    known = ('', letter, word, word + 's') if unit[0].upper() != 'B' else ('', word[1:], word[1:] + 's')
    if rest not in known:
        raise ValueError('human_to_bytes() failed to convert %s. Value is not a valid string' % number)
    return int(round(amount * size))


def bytes_to_human(size, isbits=False, unit=None):
    """A number of bytes as '1.50 MB'."""
    base = 'bits' if isbits else 'Bytes'
    for suffix, limit in sorted(SIZE_RANGES.items(), key=lambda item: -item[1]):
        if (unit is None and size >= limit) or (unit is not None and unit.upper() == suffix[0]):
            break
    name = suffix + base[0] if limit != 1 else base
    return '%.2f %s' % (size / limit, name)
