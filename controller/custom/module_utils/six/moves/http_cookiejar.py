"""http.cookiejar of Python 3."""

from http.cookiejar import *  # noqa: F401,F403
