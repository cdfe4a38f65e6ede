"""Ctrl-C meets these, as far as they can tell."""
import os
import signal
import time


def interrupted(value, after):
    time.sleep(after)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.01)
    return value


class FilterModule:
    def filters(self):
        return {'interrupted': interrupted}
