"""Arguments held against what a module says that it takes."""

from copy import deepcopy

from ansible.module_utils import errors as wrong
from ansible.module_utils.common import validation
from ansible.module_utils.common.parameters import DEFAULT_TYPE_VALIDATORS, texts_in
from ansible.module_utils.common.text.converters import to_native
from ansible.module_utils.common.warnings import deprecate, warn

_RULES = (
    ('required_together', wrong.RequiredTogetherError),
    ('required_one_of', wrong.RequiredOneOfError),
    ('required_if', wrong.RequiredIfError),
    ('required_by', wrong.RequiredByError),
)


class ValidationResult:
    """Arguments as the module takes them, and what is wrong with them."""

    def __init__(self, parameters):
        self._parameters = deepcopy(parameters)
        self._no_log_values = set()
        self._unsupported = []
        self.errors = wrong.AnsibleValidationErrorMultiple()

    @property
    def validated_parameters(self):
        return self._parameters

    @property
    def unsupported_parameters(self):
        return set(self._unsupported)

    @property
    def error_messages(self):
        return self.errors.messages


class ArgumentSpecValidator:
    def __init__(
        self,
        argument_spec,
        mutually_exclusive=None,
        required_together=None,
        required_one_of=None,
        required_if=None,
        required_by=None,
    ):
        self.argument_spec = argument_spec
        self._rules = {
            'mutually_exclusive': mutually_exclusive,
            'required_together': required_together,
            'required_one_of': required_one_of,
            'required_if': required_if,
            'required_by': required_by,
        }

    def validate(self, parameters):
        result = ValidationResult(parameters)
        self.check(result, result.validated_parameters)
        return result

    def check(self, result, parameters):
        """Checks the arguments in place: converts them, fills in what is missing, notes what is wrong."""
        unsupported = _validate(self.argument_spec, self._rules, parameters, result, ())
        if unsupported:
            result._unsupported = unsupported
            names = ', '.join(sorted(name for name, _known in unsupported))
            _name, known = unsupported[-1]
            text = '%s. Supported parameters include: %s.' % (names, known)
            result.errors.append(wrong.UnsupportedError(text))


class ModuleArgumentSpecValidator(ArgumentSpecValidator):
    """The same under the name that modules know."""


def _validate(spec, rules, parameters, result, context):
    """One level of arguments. Gives what is not supported, with what is."""
    names = _resolve_aliases(spec, parameters, result)
    unsupported = [
        ('.'.join(context + (name,)), _supported(spec))
        for name in parameters
        if name not in names and not name.startswith('_ansible_')
    ]
    _fall_back(spec, parameters)
    # A secret is one before anything is found wrong with it.
    for name, option in spec.items():
        if option.get('no_log') and parameters.get(name) is not None:
            result._no_log_values |= texts_in(parameters[name])
        ends = {'version': option.get('removed_in_version'), 'date': option.get('removed_at_date')}
        if name in parameters and any(ends.values()):
            deprecate("Param '%s' is deprecated. See the module docs for more information" % name,
                      collection_name=option.get('removed_from_collection'), **ends)
    _rule(result, wrong.MutuallyExclusiveError, 'mutually_exclusive', rules, parameters, context)
    for name, option in spec.items():
        if parameters.get(name) is None and option.get('default') is not None:
            parameters[name] = deepcopy(option['default'])
            if option.get('no_log'):
                result._no_log_values |= texts_in(parameters[name])
    try:
        validation.check_required_arguments(spec, parameters, context)
    except TypeError as error:
        result.errors.append(wrong.RequiredError(to_native(error)))
    for name, option in spec.items():
        if parameters.get(name) is not None:
            _convert(name, option, parameters, result, context)
    for name, option in spec.items():
        if parameters.get(name) is not None:
            _choose(name, option, parameters, result, context)
    given = {name: value for name, value in parameters.items() if value is not None}
    for key, kind in _RULES:
        _rule(result, kind, key, rules, given, context)
    for name, option in spec.items():
        unsupported += _validate_inner(name, option, parameters, result, context)
        parameters.setdefault(name, None)
        _mirror(name, option, parameters)
    return unsupported


def _resolve_aliases(spec, parameters, result):
    """Gives arguments their own names; gives all names that are known."""
    names = set()
    for name, option in spec.items():
        aliases = option.get('aliases') or []
        names.update([name], aliases)
        if isinstance(aliases, str) or not hasattr(aliases, '__iter__'):
            result.errors.append(wrong.AliasError('aliases must be a list or tuple'))
            continue
        used = [alias for alias in aliases if alias in parameters]
        if used and name in parameters or len(used) > 1:
            both = ([name] if name in parameters else []) + used
            if len({repr(parameters[each]) for each in both}) > 1:
                warn('Both option %s and its alias %s are set.' % (name, used[-1]))
        if used:
            parameters[name] = parameters[used[-1]]
        for old in option.get('deprecated_aliases') or []:
            if old['name'] in parameters:
                deprecate("Alias '%s' is deprecated. See the module docs for more information" % old['name'],
                          version=old.get('version'), date=old.get('date'), collection_name=old.get('collection_name'))
    return names


def _mirror(name, option, parameters):
    """An alias that was used has the value, too."""
    for alias in option.get('aliases') or []:
        if alias in parameters:
            parameters[alias] = parameters[name]


def _supported(spec):
    aliases = sorted({alias for option in spec.values() for alias in option.get('aliases') or []})
    return ', '.join(sorted(spec)) + (' (%s)' % ', '.join(aliases) if aliases else '')


def _fall_back(spec, parameters):
    for name, option in spec.items():
        if parameters.get(name) is not None or not option.get('fallback'):
            continue
        strategy, *rest = option['fallback']
        args = [each for each in rest if not isinstance(each, dict)]
        kwargs = {key: value for each in rest if isinstance(each, dict) for key, value in each.items()}
        if len(args) == 1 and isinstance(args[0], (list, tuple)):
            args = list(args[0])
        try:
            parameters[name] = strategy(*args, **kwargs)
        except wrong.AnsibleFallbackNotFound:
            continue


def _rule(result, kind, key, rules, parameters, context):
    try:
        getattr(validation, 'check_' + key)(rules.get(key), parameters, list(context))
    except TypeError as error:
        result.errors.append(kind(to_native(error)))


def _validator(kind):
    if callable(kind):
        return kind, getattr(kind, '__name__', str(kind))
    name = kind or 'str'
    return DEFAULT_TYPE_VALIDATORS.get(name), name


def _convert(name, option, parameters, result, context):
    value = parameters[name]
    check, kind = _validator(option.get('type'))
    if check is None:
        result.errors.append(wrong.ArgumentTypeError('implementation error: unknown type %s requested for %s' % (kind, name)))
        return
    place = " found in '%s'." % ' -> '.join(context) if context else ''
    try:
        parameters[name] = check(value)
    except (TypeError, ValueError) as error:
        result.errors.append(wrong.ArgumentTypeError(
            "argument '%s' is of type %s%s and we were unable to convert to %s: %s"
            % (name, _kind(value), place, kind, to_native(error))
        ))
        return
    if kind != 'list' or not option.get('elements') or not isinstance(parameters[name], list):
        return
    check, kind = _validator(option['elements'])
    converted = []
    for item in parameters[name]:
        try:
            converted.append(check(item))
        except (TypeError, ValueError) as error:
            result.errors.append(wrong.ElementError(
                "Elements value for option '%s'%s is of type %s and we were unable to convert to %s: %s"
                % (name, place.rstrip('.'), _kind(item), kind, to_native(error))
            ))
            return
    parameters[name] = converted


def _kind(value):
    return type(value).__name__


def _choose(name, option, parameters, result, context):
    choices = option.get('choices')
    if choices is None:
        return
    place = ' found in %s' % ' -> '.join(context) if context else ''
    text = ', '.join(to_native(choice) for choice in choices)
    value = parameters[name]
    if isinstance(value, list):
        others = [to_native(item) for item in value if item not in choices]
        if others:
            result.errors.append(wrong.ArgumentValueError(
                'value of %s must be one or more of: %s. Got no match for: %s%s' % (name, text, ', '.join(others), place)
            ))
        return
    if value in choices:
        return
    # YAML has read yes and no as booleans.
    truths = [choice for choice in choices if str(choice).lower() in ('yes', 'on', 'true' if value in ('True', True) else '')]
    lies = [choice for choice in choices if str(choice).lower() in ('no', 'off', 'false' if value in ('False', False) else '')]
    for meant, words in (('True', truths), ('False', lies)):
        if str(value) == meant and len(words) == 1:
            parameters[name] = words[0]
            return
    result.errors.append(wrong.ArgumentValueError(
        'value of %s must be one of: %s, got: %s%s' % (name, text, to_native(value), place)
    ))


def _validate_inner(name, option, parameters, result, context):
    """Arguments inside an argument that is a dict, or a list of dicts."""
    inner = option.get('options')
    if inner is None or not (option.get('type') == 'dict' or option.get('elements') == 'dict'):
        return []
    if parameters.get(name) is None:
        if not option.get('apply_defaults'):
            return []
        parameters[name] = {}
    value = parameters[name]
    unsupported = []
    for each in value if isinstance(value, list) else [value]:
        if not isinstance(each, dict):
            result.errors.append(wrong.SubParameterTypeError("value of '%s' must be of type dict or list of dicts" % name))
            continue
        unsupported += _validate(inner, option, each, result, context + (name,))
    return unsupported
