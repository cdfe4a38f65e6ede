class FilterModule:
    def filters(self):
        return {'of_role': lambda value: f'role {value}'}
