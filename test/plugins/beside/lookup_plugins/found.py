from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        paths = [self.find_file_in_search_path(variables, 'lookup_plugins', term, kwargs.get('missing')) for term in terms]
        return [path and self._loader.get_text_file_contents(path).split()[0] for path in paths]
