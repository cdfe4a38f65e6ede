"""Truth as people write it."""

BOOLEANS_TRUE = frozenset(('y', 'yes', 'on', '1', 'true', 't', 1, 1.0, True))
BOOLEANS_FALSE = frozenset(('n', 'no', 'off', '0', 'false', 'f', 0, 0.0, False))
BOOLEANS = BOOLEANS_TRUE.union(BOOLEANS_FALSE)


def boolean(value, strict=True):
    """True or False of a value; raises TypeError for what is neither, unless strict is off."""
    if isinstance(value, bool):
        return value
    wanted = value
    if isinstance(value, bytes):
        wanted = value.decode('utf-8', 'surrogateescape')
    if isinstance(wanted, str):
        wanted = wanted.lower().strip()
    try:
        if wanted in BOOLEANS_TRUE:
            return True
        if wanted in BOOLEANS_FALSE or not strict:
            return False
    except TypeError:
        if not strict:
            return False
    raise TypeError(
        "The value '%s' is not a valid boolean.  Valid booleans include: %s"
        % (value, ', '.join(repr(item) for item in sorted(BOOLEANS, key=str)))
    )
