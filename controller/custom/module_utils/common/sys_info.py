"""Which system this is."""

import platform


def _os_release():
    found = {}
    for path in ('/etc/os-release', '/usr/lib/os-release'):
        try:
            with open(path, encoding='utf-8', errors='replace') as lines:
                for line in lines:
                    key, mark, value = line.strip().partition('=')
                    if mark and not key.startswith('#'):
                        found[key] = value.strip('"\'')
            return found
        except OSError:
            continue
    return found


_NAMES = {'rhel': 'Redhat', 'amzn': 'Amazon', 'ol': 'Oracle', 'sles': 'SLES', 'opensuse-leap': 'Opensuse-leap'}


def get_distribution():
    """'Debian', 'Redhat', ...; 'OtherLinux' where nothing says it."""
    if platform.system() != 'Linux':
        return platform.system()
    name = _os_release().get('ID', '')
    return _NAMES.get(name, name.capitalize()) or 'OtherLinux'


def get_distribution_version():
    """'12'; an empty text where nothing says it."""
    if platform.system() != 'Linux':
        return None
    return _os_release().get('VERSION_ID', '')


def get_distribution_codename():
    """'bookworm'; None where there is none."""
    if platform.system() != 'Linux':
        return None
    found = _os_release()
    return found.get('VERSION_CODENAME') or found.get('UBUNTU_CODENAME') or None


def get_platform_subclass(cls):
    """The subclass that says it is for this platform and distribution; else for the platform; else the class itself."""
    here, distribution = platform.system(), get_distribution()
    candidates = []
    todo = list(cls.__subclasses__())
    while todo:
        each = todo.pop()
        candidates.append(each)
        todo.extend(each.__subclasses__())
    if distribution is not None:
        for each in candidates:
            if each.distribution is not None and each.distribution == distribution and each.platform == here:
                return each
    for each in candidates:
        if each.platform == here and each.distribution is None:
            return each
    return cls
