"""Settings as plugins ask for them: what is common to all machines, and nothing of ansible.cfg."""
import tempfile

BOOLEANS_TRUE = frozenset(('y', 'yes', 'on', '1', 'true', 't', 1, 1.0, True))
BOOLEANS_FALSE = frozenset(('n', 'no', 'off', '0', 'false', 'f', 0, 0.0, False))
BOOLEANS = BOOLEANS_TRUE | BOOLEANS_FALSE
DEFAULT_LOCAL_TMP = tempfile.gettempdir()
LOCALHOST = ('127.0.0.1', 'localhost', '::1')
MODULE_REQUIRE_ARGS = ('command', 'raw', 'script', 'shell')
DEFAULT_TRANSPORT = 'ssh'
COLOR_CHANGED, COLOR_ERROR, COLOR_OK, COLOR_SKIP, COLOR_WARN = 'yellow', 'red', 'green', 'cyan', 'bright purple'
