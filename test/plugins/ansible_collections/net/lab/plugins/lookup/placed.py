from ansible.plugins.lookup import LookupBase

from ..plugin_utils.base import Placed

DOCUMENTATION = """
name: placed
extends_documentation_fragment: net.lab.place, net.lab.place.key
options:
  key: {default: 2, type: int}
"""


class LookupModule(Placed, LookupBase):
    def __init__(self, loader=None, templar=None, **kwargs):
        Placed.__init__(self)
        LookupBase.__init__(self, loader=loader, templar=templar, **kwargs)

    def run(self, terms, variables=None, **kwargs):
        self.set_options(var_options=variables, direct=kwargs)
        return [f"{self.ansible_name} {self.get_option('place')} {self.get_option('key')} {self.called}"]
