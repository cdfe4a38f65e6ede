from ansible.plugins import AnsiblePlugin


class Placed(AnsiblePlugin):
    def __init__(self):
        super().__init__()
        self.called = "placed"
