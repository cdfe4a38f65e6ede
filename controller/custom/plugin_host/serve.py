"""Runs filters, tests, lookups and actions that come with playbooks: each line of standard input asks, each line of standard output answers."""
import datetime
import importlib.util
import json
import os
import signal
import sys
import time
import types
from collections.abc import Iterable, Mapping

# Stands in a mapping for what JSON has no value of its own for.
MARK = '\0'

KINDS = {'filter': ('FilterModule', 'filters'), 'test': ('TestModule', 'tests')}


class Unsupported(Exception):
    """A value that no variable can hold."""


def sent(value):
    """A value as JSON has it."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, bytes):
        return value.decode('utf-8', 'surrogateescape')
    if isinstance(value, datetime.datetime):
        return {MARK: 'datetime', 'value': value.isoformat()}
    if isinstance(value, datetime.date):
        return {MARK: 'date', 'value': value.isoformat()}
    if isinstance(value, Mapping):
        entries = [(key, sent(value[key])) for key in value]
        if all(isinstance(key, str) for key, _ in entries):
            return dict(entries)
        return {MARK: 'dict', 'value': [[sent(key), item] for key, item in entries]}
    if isinstance(value, Iterable):
        return [sent(item) for item in value]
    raise Unsupported(f'Type {type(value).__name__!r} is unsupported for variable storage.')


def revived(data):
    """What a mapping of JSON stands for."""
    kind = data.get(MARK)
    if kind is None:
        return data
    value = data['value']
    if kind == 'dict':
        return {key: item for key, item in value}
    return datetime.datetime.fromisoformat(value) if kind == 'datetime' else datetime.date.fromisoformat(value)


class Channel:
    """Lines to and from orch."""

    def __init__(self):
        self._out = os.fdopen(os.dup(1), 'w', encoding='utf-8', errors='surrogateescape')
        self._in = os.fdopen(os.dup(0), 'r', encoding='utf-8', errors='surrogateescape')
        # What plugins print or read is no talk with orch.
        os.dup2(2, 1)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)

    def read(self):
        line = self._in.readline()
        return json.loads(line, object_hook=revived) if line else None

    def write(self, message):
        self._out.write(json.dumps(message) + '\n')
        self._out.flush()

    def ask(self, what, value=None):
        """What orch knows: asked while it waits for an answer."""
        self.write({'asks': what, 'of': sent(value)})
        answer = self.read()
        if answer is None:
            sys.exit(0)
        if 'error' in answer:
            raise sys.modules['ansible.errors'].AnsibleError(answer['error'])
        return answer['value']


class Interrupts:
    """Ctrl-C ends a plugin that takes long: orch waits for it, and hears nothing meanwhile. One that is about to end may."""

    LONG_S = 1

    def __init__(self):
        self._since = None
        signal.signal(signal.SIGINT, self._interrupt)

    def __enter__(self):
        self._since = time.monotonic()

    def __exit__(self, *_):
        self._since = None

    def _interrupt(self, *_):
        if self._since is not None and time.monotonic() - self._since > self.LONG_S:
            self._since = None
            raise KeyboardInterrupt


class Plugins:
    """The files that were asked for, and what is in them."""

    def __init__(self, channel):
        self._channel = channel
        self._modules = {}
        self._functions = {}

    def load(self, file, name):
        if file not in self._modules:
            spec = importlib.util.spec_from_file_location(name, file)
            module = importlib.util.module_from_spec(spec)
            sys.modules[name] = module
            spec.loader.exec_module(module)
            self._modules[file] = module
        return self._modules[file]

    def functions(self, kind, file, name):
        """Filters or tests of a file, by their names."""
        if (kind, file) not in self._functions:
            holder, method = KINDS[kind]
            self._functions[kind, file] = getattr(getattr(self.load(file, name), holder)(), method)()
        return self._functions[kind, file]

    def names(self, kind, file, name):
        return list(self.functions(kind, file, name))

    def call(self, kind, file, name, plugin, args, options):
        function = self.functions(kind, file, name)[plugin]
        wanted = getattr(getattr(function, 'jinja_pass_arg', None), 'name', None)
        if wanted is not None:
            from ansible.template import Context

            context = Context(self._channel.ask)
            args = [context if wanted == 'context' else getattr(context, wanted), *args]
        result = function(*args, **options)
        return bool(result) if kind == 'test' else result

    def look_up(self, file, name, args, options):
        from ansible.template import Templar, Variables

        module = self.load(file, name)
        parts = name.split('.')
        # ansible_collections.NAMESPACE.NAME.plugins.lookup.FILE, or ansible.plugins.lookup.FILE
        own = [*parts[1:3], *parts[5:]] if parts[0] == 'ansible_collections' else parts[3:]
        module.LookupModule.ansible_name = '.'.join(own)
        lookup = module.LookupModule(loader=None, templar=Templar(self._channel.ask))
        lookup._documented = lambda: self._documented(getattr(module, 'DOCUMENTATION', ''))
        return lookup.run(args, variables=Variables(self._channel.ask), **options)

    def _documented(self, text):
        """What a text documents, with the options of the collections' fragments that it names."""
        said = self._channel.ask('yaml', text or '') or {}
        named = said.get('extends_documentation_fragment') or []
        options = {}
        for fragment in named.split(',') if isinstance(named, str) else named:
            options.update(self._fragment(fragment.strip()).get('options') or {})
        return {**said, 'options': {**options, **(said.get('options') or {})}}

    def _fragment(self, fragment):
        """What a file of a collection documents: `ns.name.FILE`, or `ns.name.FILE.PART` where it has several texts."""
        if fragment.count('.') < 2:
            return {}
        for name, part in ((fragment, 'documentation'), fragment.rpartition('.')[::2]):
            namespace, collection, *file = name.split('.')
            package = f'ansible_collections.{namespace}.{collection}.plugins.doc_fragments'
            try:
                module = importlib.import_module('.'.join([package, *file]))
            except ModuleNotFoundError:
                continue
            if hasattr(module, 'ModuleDocFragment'):
                return self._documented(getattr(module.ModuleDocFragment, part.upper(), ''))
        raise LookupError(f'unknown doc_fragment(s): {fragment}')

    def act(self, file, name, said):
        from acting import act

        return act(self.load(file, name), self._channel.ask, said)


def stand_for_ansible(here, utils, collections):
    """Has plugins import what orch brings as `ansible`."""
    sys.path.insert(0, here)
    for name, path in (('ansible.module_utils', [utils]), ('ansible_collections', collections)):
        package = types.ModuleType(name)
        package.__path__ = path
        sys.modules[name] = package
    import ansible
    import ansible.errors

    ansible.module_utils = sys.modules['ansible.module_utils']


def main():
    interrupts = Interrupts()
    # Nothing is left beside playbooks.
    sys.dont_write_bytecode = True
    channel = Channel()
    stand_for_ansible(os.path.dirname(os.path.abspath(__file__)), sys.argv[1], sys.argv[2:])
    plugins = Plugins(channel)
    while True:
        question = channel.read()
        if question is None:
            return
        try:
            with interrupts:
                value = sent(getattr(plugins, question.pop('does'))(**question))
            channel.write({'value': value})
        except KeyboardInterrupt:
            channel.write({'error': 'it was interrupted'})
        except Unsupported as error:
            channel.write({'unsupported': str(error)})
        except Exception as error:
            channel.write({'error': str(error), 'type': type(error).__name__})


main()
