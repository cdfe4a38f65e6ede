"""Bytes to text and back."""

import datetime
import json

_SURROGATES = {
    'surrogate_or_strict': ('surrogateescape', 'strict'),
    'surrogate_or_replace': ('surrogateescape', 'replace'),
    'surrogate_then_replace': ('surrogateescape', 'replace'),
    None: ('surrogateescape', 'replace'),
}


def _other(obj, nonstring, convert):
    """What becomes of a value that is neither text nor bytes."""
    if nonstring == 'simplerepr':
        try:
            return convert(str(obj))
        except UnicodeError:
            return convert(repr(obj))
    if nonstring == 'passthru':
        return obj
    if nonstring == 'empty':
        return convert('')
    if nonstring == 'strict':
        raise TypeError('obj must be a string type')
    raise TypeError('Invalid value %s for the nonstring parameter' % nonstring)


def to_bytes(obj, encoding='utf-8', errors=None, nonstring='simplerepr'):
    """The bytes of a text; bytes stay as they are."""
    if isinstance(obj, bytes):
        return obj
    if isinstance(obj, str):
        first, then = _SURROGATES.get(errors, (errors, None))
        try:
            return obj.encode(encoding, first)
        except UnicodeEncodeError:
            if then is None or then == 'strict':
                raise
            return obj.encode(encoding, then)
    return _other(obj, nonstring, lambda text: to_bytes(text, encoding, errors))


def to_text(obj, encoding='utf-8', errors=None, nonstring='simplerepr'):
    """The text of bytes; text stays as it is."""
    if isinstance(obj, str):
        return obj
    if isinstance(obj, bytes):
        first, _ = _SURROGATES.get(errors, (errors, None))
        return obj.decode(encoding, first)
    return _other(obj, nonstring, lambda text: text)


to_native = to_text


def _plain(value):
    """For json: values that it does not know."""
    if isinstance(value, (set, frozenset)):
        return list(value)
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, bytes):
        return to_text(value)
    if hasattr(value, 'items'):
        return dict(value)
    raise TypeError('Cannot json serialize %s' % to_native(value))


def jsonify(data, **kwargs):
    """JSON of any result."""
    return json.dumps(container_to_text(data), default=_plain, **kwargs)


def _container(data, convert):
    if isinstance(data, (str, bytes)):
        return convert(data)
    if isinstance(data, dict):
        return {_container(key, convert): _container(value, convert) for key, value in data.items()}
    if isinstance(data, list):
        return [_container(value, convert) for value in data]
    if isinstance(data, tuple):
        return tuple(_container(value, convert) for value in data)
    return data


def container_to_bytes(data, encoding='utf-8', errors='surrogate_or_strict'):
    """The same data with bytes in place of texts, at any depth."""
    return _container(data, lambda value: to_bytes(value, encoding, errors))


def container_to_text(data, encoding='utf-8', errors='surrogate_or_strict'):
    """The same data with texts in place of bytes, at any depth."""
    return _container(data, lambda value: to_text(value, encoding, errors))
