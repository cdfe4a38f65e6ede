"""For modules written when Python 2.4 was about."""

import ast
import sys

literal_eval = ast.literal_eval


def get_exception():
    """The exception that is being handled."""
    return sys.exc_info()[1]
