from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.network.ios.ios import run_commands
