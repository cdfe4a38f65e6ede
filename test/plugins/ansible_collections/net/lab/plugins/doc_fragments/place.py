class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  place: {default: here, env: [{name: LAB_PLACE_NOWHERE}]}
"""
    KEY = r"""
options:
  key: {default: 1, type: int}
"""
