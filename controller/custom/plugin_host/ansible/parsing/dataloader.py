"""Files of this machine."""
import os


class DataLoader:
    def __init__(self, basedir=None):
        self._basedir = basedir

    def get_basedir(self):
        return self._basedir or os.getcwd()

    def set_basedir(self, basedir):
        self._basedir = basedir

    def path_exists(self, path):
        return os.path.exists(path)

    def is_file(self, path):
        return os.path.isfile(path)

    def is_directory(self, path):
        return os.path.isdir(path)

    def list_directory(self, path):
        return os.listdir(path)

    def path_dwim(self, given):
        return os.path.abspath(os.path.join(self.get_basedir(), os.path.expanduser(given)))

    def get_real_file(self, path, decrypt=True):
        return path

    def get_text_file_contents(self, file_name, encoding='utf-8'):
        with open(file_name, encoding=encoding) as file:
            return file.read()

    def _get_file_contents(self, file_name):
        with open(file_name, 'rb') as file:
            return file.read(), False
