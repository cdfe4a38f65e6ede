"""The version of Ansible whose modules these are for."""

__version__ = '2.19.0'
