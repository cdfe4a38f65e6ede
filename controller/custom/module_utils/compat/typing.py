"""Python's typing under Ansible's name."""

from typing import *  # noqa: F401,F403
