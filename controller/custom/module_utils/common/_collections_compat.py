"""The older place of Python's abstract collections."""

from collections.abc import *  # noqa: F401,F403
