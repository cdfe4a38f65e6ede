class FilterModule:
    def filters(self):
        return {'_underlined': lambda value: f"_{value}_"}
