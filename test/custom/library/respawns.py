#!/usr/bin/python
import sys

from ansible.module_utils.api import basic_auth_argument_spec
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.network import is_mac, to_ipv6_network, to_masklen, to_netmask, to_subnet
from ansible.module_utils.common.respawn import has_respawned, probe_interpreters_for_module, respawn_module
from ansible.module_utils.six.moves.urllib_parse import urlparse

if not has_respawned():
    respawn_module(probe_interpreters_for_module(['/nowhere/python3', sys.executable], 'json'))

module = AnsibleModule(basic_auth_argument_spec(), supports_check_mode=True)
module.exit_json(
    user=module.params['api_username'],
    verified=module.params['validate_certs'],
    host=urlparse('http://vm01/x').netloc,
    none=probe_interpreters_for_module([sys.executable], 'no_such_library'),
    netmask=to_netmask(20),
    masklen=to_masklen('255.255.240.0'),
    subnet=[to_subnet('10.0.3.7', '20'), to_subnet('10.0.3.7', '255.255.0.0', dotted_notation=True)],
    network=to_ipv6_network('2001:db8:5:6::1'),
    mac=[is_mac('02:16:3e:E4:16:f3'), is_mac('0216.3ee4.16f3')],
)
