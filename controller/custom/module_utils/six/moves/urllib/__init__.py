"""urllib of Python 3."""
