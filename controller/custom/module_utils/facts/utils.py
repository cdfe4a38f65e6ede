"""Files and mounts, as facts are made of them."""

import os


def get_file_content(path, default=None, strip=True):
    """A file's text; `default` where it can't be read, or is empty."""
    try:
        with open(path, encoding='utf-8', errors='surrogateescape') as file:
            data = file.read()
    except OSError:
        return default
    if strip:
        data = data.strip()
    return data or default


def get_file_lines(path, strip=True, line_sep=None):
    """The lines of a file, none where it can't be read."""
    data = get_file_content(path, strip=strip)
    if not data:
        return []
    if line_sep is None:
        return data.splitlines()
    return data.rstrip(line_sep).split(line_sep) if len(line_sep) == 1 else data.split(line_sep)


def get_mount_size(mountpoint):
    """Sizes of the file system at a path, in bytes, blocks and inodes; empty where there is none."""
    try:
        said = os.statvfs(mountpoint)
    except OSError:
        return {}
    return {
        'size_total': said.f_frsize * said.f_blocks,
        'size_available': said.f_frsize * said.f_bavail,
        'block_size': said.f_bsize,
        'block_total': said.f_blocks,
        'block_available': said.f_bavail,
        'block_used': said.f_blocks - said.f_bavail,
        'inode_total': said.f_files,
        'inode_available': said.f_favail,
        'inode_used': said.f_files - said.f_favail,
    }
