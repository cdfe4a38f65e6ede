"""What plugins of playbooks import of ansible: orch's own, written for the documented interface."""

__version__ = '2.19.0'
