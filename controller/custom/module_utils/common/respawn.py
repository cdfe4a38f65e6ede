"""Another Python for a module whose libraries only that one has."""

import json
import os
import subprocess
import sys


def has_respawned():
    """Whether this is already the other Python."""
    return hasattr(sys.modules['__main__'], '_respawned')


def respawn_module(interpreter_path):
    """Runs this module by another Python, once, and ends with what that one ends with."""
    if has_respawned():
        raise Exception('module has already been respawned')
    with open('/proc/self/cmdline', 'rb') as own:
        arguments = own.read().split(b'\0')
    loader = arguments[arguments.index(b'-c') + 1]
    given = dict(sys.modules['__main__']._given, respawned=True)
    done = subprocess.run([interpreter_path, '-c', loader], input=json.dumps(given).encode('utf-8'))
    sys.exit(done.returncode)


def probe_interpreters_for_module(interpreter_paths, module_name):
    """The first of several Pythons that is there and can import a module; None if there is none."""
    quiet = subprocess.DEVNULL
    for path in interpreter_paths:
        if not os.path.exists(path):
            continue
        probe = [path, '-c', 'import importlib, sys; importlib.import_module(sys.argv[1])', module_name]
        if subprocess.run(probe, stdin=quiet, stdout=quiet, stderr=quiet).returncode == 0:
            return path
    return None
