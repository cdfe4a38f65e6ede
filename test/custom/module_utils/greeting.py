from ansible.module_utils.common.text.converters import to_text
from ansible.module_utils.six import string_types


def greeting(name):
    assert isinstance(name, string_types)
    return 'hello ' + to_text(name)
