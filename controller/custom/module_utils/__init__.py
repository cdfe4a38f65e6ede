"""What modules of Ansible's kind import as ansible.module_utils: orch's own, written for the documented interface."""
