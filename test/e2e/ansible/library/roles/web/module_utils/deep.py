from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict


def told(value):
    return camel_dict_to_snake_dict(value)
