import a_module_that_nobody_has


class FilterModule:
    def filters(self):
        return {'unheard': str}
