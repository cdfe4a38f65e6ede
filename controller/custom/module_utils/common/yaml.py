"""YAML, where the host's Python has PyYAML."""

try:
    import yaml
except ImportError:
    HAS_YAML = False
    yaml_load = yaml_load_all = yaml_dump = yaml_dump_all = None
else:
    from functools import partial

    HAS_YAML = True
    _loader = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)
    _dumper = getattr(yaml, 'CSafeDumper', yaml.SafeDumper)
    yaml_load = partial(yaml.load, Loader=_loader)
    yaml_load_all = partial(yaml.load_all, Loader=_loader)
    yaml_dump = partial(yaml.dump, Dumper=_dumper)
    yaml_dump_all = partial(yaml.dump_all, Dumper=_dumper)
