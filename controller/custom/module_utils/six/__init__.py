"""What modules used of six, for Python 3."""

import builtins
import io
import operator
import sys
import types

PY2 = False
PY3 = True
PY34 = sys.version_info >= (3, 4)
string_types = (str,)
integer_types = (int,)
class_types = (type,)
text_type = str
binary_type = bytes
MAXSIZE = sys.maxsize
StringIO = io.StringIO
BytesIO = io.BytesIO
Iterator = object
next = advance_iterator = builtins.next
callable = builtins.callable
unichr = chr
get_method_function = operator.attrgetter('__func__')
get_method_self = operator.attrgetter('__self__')
get_function_code = operator.attrgetter('__code__')
get_function_globals = operator.attrgetter('__globals__')
int2byte = operator.methodcaller('to_bytes', 1, 'big')
byte2int = operator.itemgetter(0)
indexbytes = operator.getitem
iterbytes = iter


def iteritems(d, **kw):
    return iter(d.items(**kw))


def iterkeys(d, **kw):
    return iter(d.keys(**kw))


def itervalues(d, **kw):
    return iter(d.values(**kw))


def viewitems(d):
    return d.items()


def viewkeys(d):
    return d.keys()


def viewvalues(d):
    return d.values()


def b(s):
    return s.encode('latin-1')


def u(s):
    return s


def ensure_binary(s, encoding='utf-8', errors='strict'):
    return s.encode(encoding, errors) if isinstance(s, str) else s


def ensure_text(s, encoding='utf-8', errors='strict'):
    return s.decode(encoding, errors) if isinstance(s, bytes) else s


ensure_str = ensure_text


def reraise(tp, value, tb=None):
    raise (tp() if value is None else value).with_traceback(tb)


def raise_from(value, from_value):
    raise value from from_value


def python_2_unicode_compatible(klass):
    return klass


def add_metaclass(metaclass):
    def wrapper(cls):
        body = {key: value for key, value in cls.__dict__.items() if key not in ('__dict__', '__weakref__')}
        return metaclass(cls.__name__, cls.__bases__, body)

    return wrapper


def with_metaclass(meta, *bases):
    return types.new_class('temporary', bases, {'metaclass': meta})
