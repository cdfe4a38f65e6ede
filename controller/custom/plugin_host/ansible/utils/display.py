"""What plugins tell the person at the terminal."""
import sys


class Display:
    verbosity = 0

    def __init__(self, verbosity=0):
        pass

    def display(self, msg, color=None, stderr=False, screen_only=False, log_only=False, newline=True, caplevel=None):
        sys.stderr.write(f'{msg}\n' if newline else str(msg))
        sys.stderr.flush()

    def warning(self, msg, formatted=False, help_text=None, obj=None):
        self.display(f'[WARNING]: {msg}')

    def deprecated(self, msg, version=None, removed=False, date=None, collection_name=None, **more):
        self.display(f'[DEPRECATION WARNING]: {msg}')

    def error(self, msg, wrap_text=True, stderr=True):
        self.display(f'[ERROR]: {msg}')

    def _quiet(self, msg, host=None, caplevel=None):
        pass

    v = vv = vvv = vvvv = vvvvv = vvvvvv = debug = verbose = _quiet
