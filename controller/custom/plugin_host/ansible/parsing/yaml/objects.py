"""Types of values that were read from YAML: here they are Python's own."""

AnsibleMapping = dict
AnsibleSequence = list
AnsibleUnicode = str
