from ansible_collections.net.lab.plugins.module_utils.tools import mark

from ..module_utils import tools


class FilterModule:
    def filters(self):
        return {'mark': mark, 'same_mark': tools.mark}
