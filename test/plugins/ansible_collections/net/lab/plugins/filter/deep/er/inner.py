def brackets(value):
    return '[' + value + ']'


class FilterModule:
    def filters(self):
        return {'brackets': brackets}
