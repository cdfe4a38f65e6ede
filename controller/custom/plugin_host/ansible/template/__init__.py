"""What plugins see of variables and templates."""
from collections.abc import Mapping


class Variables(Mapping):
    """A host's variables: each is rendered when it is asked for."""

    def __init__(self, ask):
        self._ask = ask

    def __getitem__(self, name):
        if name not in self:
            raise KeyError(name)
        return self._ask('variable', name)

    def __contains__(self, name):
        return name in self._ask('names')

    def __iter__(self):
        return iter(self._ask('names'))

    def __len__(self):
        return len(self._ask('names'))

    def copy(self):
        return dict(self)


class Templar:
    """Renders texts as templates."""

    def __init__(self, ask):
        self._ask = ask
        self.available_variables = Variables(ask)

    def template(self, variable, **options):
        if isinstance(variable, str):
            return self._ask('template', variable)
        if isinstance(variable, (list, tuple)):
            return [self.template(item) for item in variable]
        if isinstance(variable, dict):
            return {key: self.template(item) for key, item in variable.items()}
        return variable


class Context(Variables):
    """What a filter gets that asks for the context or environment of Jinja2."""

    name = None
    exported_vars = frozenset()

    @property
    def environment(self):
        import jinja2

        return jinja2.Environment()

    @property
    def eval_context(self):
        import jinja2.nodes

        return jinja2.nodes.EvalContext(self.environment)

    def resolve(self, key):
        return self[key] if key in self else self.environment.undefined(name=key)

    def get_all(self):
        return dict(self)


def trust_as_template(value):
    """Texts of plugins are templates here in any case."""
    return value
