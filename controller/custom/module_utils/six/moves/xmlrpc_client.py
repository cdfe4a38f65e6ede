"""xmlrpc.client of Python 3."""

from xmlrpc.client import *  # noqa: F401,F403
