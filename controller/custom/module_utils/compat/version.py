"""Versions that can be held against each other, as distutils had them."""

import re
from functools import total_ordering


@total_ordering
class Version:
    def __init__(self, vstring=None):
        if vstring:
            self.parse(vstring)

    def _other(self, other):
        return type(self)(other) if isinstance(other, str) else other

    def __eq__(self, other):
        return self._key() == self._other(other)._key()

    def __lt__(self, other):
        return self._key() < self._other(other)._key()

    def __hash__(self):
        return hash(str(self))


class LooseVersion(Version):
    """Numbers and words, in order: 1.5.1b2."""

    def parse(self, vstring):
        self.vstring = vstring
        parts = [part for part in re.split(r'(\d+|[a-z]+|\.)', vstring) if part and part != '.']
        self.version = [int(part) if part.isdigit() else part for part in parts]

    def _key(self):
        return self.version

    def __str__(self):
        return self.vstring

    def __repr__(self):
        return "LooseVersion ('%s')" % self


class StrictVersion(Version):
    """Two or three numbers, and a or b with one more: 1.5.1b2. Raises ValueError."""

    version_re = re.compile(r'^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$', re.ASCII)

    def parse(self, vstring):
        found = self.version_re.match(vstring)
        if not found:
            raise ValueError("invalid version number '%s'" % vstring)
        major, minor, patch, letter, number = found.groups()
        self.version = (int(major), int(minor), int(patch or 0))
        self.prerelease = (letter, int(number)) if letter else None

    def _key(self):
        return (self.version, self.prerelease is None, self.prerelease or ('', 0))

    def __str__(self):
        text = '.'.join(str(part) for part in self.version[: 3 if self.version[2] else 2])
        return text + (self.prerelease[0] + str(self.prerelease[1]) if self.prerelease else '')
