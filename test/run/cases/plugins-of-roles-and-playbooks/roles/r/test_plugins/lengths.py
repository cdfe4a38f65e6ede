class TestModule:
    def tests(self):
        return {'long': lambda value, least: len(value) >= least}
