"""Names that Python 3 moved."""

import builtins  # noqa: F401
import collections
import configparser  # noqa: F401
import http.client as http_client  # noqa: F401
import http.cookiejar as http_cookiejar  # noqa: F401
import queue  # noqa: F401
from functools import reduce  # noqa: F401
from importlib import reload as reload_module  # noqa: F401
from io import StringIO  # noqa: F401
from itertools import filterfalse, zip_longest  # noqa: F401
from shlex import quote as shlex_quote  # noqa: F401
import pickle as cPickle  # noqa: F401

UserDict, UserList, UserString = collections.UserDict, collections.UserList, collections.UserString
filter, input, map, range, zip = builtins.filter, builtins.input, builtins.map, builtins.range, builtins.zip
xrange = range
