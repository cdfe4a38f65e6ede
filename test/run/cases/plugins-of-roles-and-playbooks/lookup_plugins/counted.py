from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        return [f'{term}{count}{variables["inventory_hostname"]}' for count, term in enumerate(terms)]
