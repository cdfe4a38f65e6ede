#!/usr/bin/python
from ansible.module_utils.network.common.utils import to_list
