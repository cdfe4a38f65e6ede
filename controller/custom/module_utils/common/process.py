"""Programs of the host."""

import os

from ansible.module_utils.common.file import is_executable


def get_bin_path(arg, opt_dirs=None, required=None):
    """The path of a program, from PATH, opt_dirs and the folders of administrators. Raises ValueError."""
    folders = [folder for folder in opt_dirs or [] if folder is not None and os.path.exists(folder)]
    folders += os.environ.get('PATH', '').split(os.pathsep)
    folders += [folder for folder in ('/sbin', '/usr/sbin', '/usr/local/sbin') if os.path.exists(folder)]
    for folder in dict.fromkeys(folders):
        path = os.path.join(folder, arg)
        if folder and os.path.exists(path) and not os.path.isdir(path) and is_executable(path):
            return path
    raise ValueError(
        'Failed to find required executable "%s" in paths: %s' % (arg, os.pathsep.join(dict.fromkeys(folders)))
    )
