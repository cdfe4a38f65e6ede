"""The system's distribution, as /etc/os-release tells it."""

from ansible.module_utils.common.sys_info import _os_release


def os_release_info():
    return {key.lower(): value for key, value in _os_release().items()}


def os_release_attr(attribute):
    return os_release_info().get(attribute, '')


def id():
    return os_release_attr('id').lower().replace(' ', '_')


def name(pretty=False):
    return os_release_attr('pretty_name' if pretty else 'name')


def version(pretty=False, best=False):
    found = os_release_attr('version_id')
    codename_ = codename()
    return '%s (%s)' % (found, codename_) if pretty and found and codename_ else found


def version_parts(best=False):
    parts = (version(best=best).split('.') + ['', '', ''])[:3]
    return tuple(parts)


def major_version(best=False):
    return version_parts(best)[0]


def minor_version(best=False):
    return version_parts(best)[1]


def build_number(best=False):
    return version_parts(best)[2]


def like():
    return os_release_attr('id_like')


def codename():
    return os_release_attr('version_codename')


def info(pretty=False, best=False):
    major, minor, build = version_parts(best)
    return {
        'id': id(),
        'version': version(pretty, best),
        'version_parts': {'major': major, 'minor': minor, 'build_number': build},
        'like': like(),
        'codename': codename(),
    }
