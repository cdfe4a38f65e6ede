class FilterModule:
    def filters(self):
        return {'of_playbook': lambda value: f'playbook {value}'}
