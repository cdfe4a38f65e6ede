from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

DOCUMENTATION = """
name: said
options:
  ends: {default: '!', env: [{name: SAID_ENDS_NOWHERE}]}
  loud: {type: bool, default: no, vars: [{name: said_loud}]}
"""


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        self.set_options(var_options=variables, direct=kwargs)
        if 'nothing' in terms:
            raise AnsibleError('nothing was said')
        said = [self._templar.template(term) + self.get_option('ends') for term in terms]
        if 'greeting' in variables:
            said.append(variables['greeting'])
        return [each.upper() for each in said] if self.get_option('loud') else said
