"""Values as a kind of argument has them, and rules between arguments. The check_ functions raise TypeError."""

import json
import os
import re
from ast import literal_eval  # noqa: F401

from ansible.module_utils.common.collections import is_iterable
from ansible.module_utils.common.text.converters import jsonify, to_native, to_text
from ansible.module_utils.common.text.formatters import human_to_bytes
from ansible.module_utils.parsing.convert_bool import boolean


def _in(options_context):
    return ' found in %s' % ' -> '.join(options_context) if options_context else ''


def safe_eval(value, locals=None, include_exceptions=False):
    """What a text says that is a literal of Python; another text, or value, as it is."""
    result, wrong = value, None
    if isinstance(value, str):
        try:
            result = literal_eval(value)
        except (ValueError, SyntaxError) as error:
            wrong = error
    return (result, wrong) if include_exceptions else result


def count_terms(terms, parameters):
    """How many of the terms are given."""
    names = [terms] if not is_iterable(terms) else terms
    return len(set(names).intersection(parameters))


def check_mutually_exclusive(terms, parameters, options_context=None):
    wrong = [group for group in terms or [] if count_terms(group, parameters) > 1]
    if wrong:
        groups = ', '.join('|'.join(group) for group in wrong)
        raise TypeError('parameters are mutually exclusive: %s%s' % (groups, _in(options_context)))
    return wrong


def check_required_one_of(terms, parameters, options_context=None):
    for group in terms or []:
        if count_terms(group, parameters) == 0:
            names = ', '.join(group)
            raise TypeError('one of the following is required: %s%s' % (names, _in(options_context)))
    return []


def check_required_together(terms, parameters, options_context=None):
    for group in terms or []:
        counts = [count_terms(name, parameters) for name in group]
        if any(counts) and not all(counts):
            names = ', '.join(group)
            raise TypeError('parameters are required together: %s%s' % (names, _in(options_context)))
    return []


def check_required_by(requirements, parameters, options_context=None):
    missing = {}
    for key, value in (requirements or {}).items():
        if parameters.get(key) is None:
            continue
        names = [value] if isinstance(value, str) else value
        lacking = [name for name in names if parameters.get(name) is None]
        if lacking:
            raise TypeError(
                "missing parameter(s) required by '%s': %s%s" % (key, ', '.join(lacking), _in(options_context))
            )
        missing[key] = []
    return missing


def check_required_arguments(argument_spec, parameters, options_context=None):
    missing = sorted(
        name for name, spec in (argument_spec or {}).items() if spec.get('required', False) and name not in parameters
    )
    if missing:
        raise TypeError('missing required arguments: %s%s' % (', '.join(missing), _in(options_context)))
    return missing


def check_required_if(requirements, parameters, options_context=None):
    for requirement in requirements or []:
        key, value, needed = requirement[:3]
        one_is_enough = len(requirement) > 3 and requirement[3]
        if key not in parameters or parameters[key] != value:
            continue
        missing = [name for name in needed if count_terms(name, parameters) == 0]
        if missing and (not one_is_enough or len(missing) == len(needed)):
            word = 'any' if one_is_enough else 'all'
            raise TypeError(
                '%s is %s but %s of the following are missing: %s%s'
                % (key, value, word, ', '.join(missing), _in(options_context))
            )
    return []


def check_missing_parameters(parameters, required_parameters=None):
    missing = [name for name in required_parameters or [] if not parameters.get(name)]
    if missing:
        raise TypeError('missing required arguments: %s' % ', '.join(missing))
    return missing


def check_type_str(value, allow_conversion=True, param=None, prefix=''):
    if isinstance(value, str):
        return value
    if allow_conversion and value is not None:
        return to_native(value, errors='surrogate_or_strict')
    raise TypeError("'{0!r}' is not a string and conversion is not allowed".format(value))


def check_type_list(value):
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        return value.split(',')
    if isinstance(value, (int, float)):
        return [str(value)]
    raise TypeError('%s cannot be converted to a list' % type(value))


_word = re.compile(r'''((?:[^\s,"']|"[^"]*"|'[^']*')+)''')


def check_type_dict(value):
    if isinstance(value, dict):
        return value
    if isinstance(value, str):
        if value.startswith('{'):
            try:
                return json.loads(value)
            except ValueError:
                pass
            try:
                found = literal_eval(value)
            except (ValueError, SyntaxError):
                raise TypeError('unable to evaluate string as dictionary')
            if isinstance(found, dict):
                return found
            raise TypeError('unable to evaluate string as dictionary')
        if '=' in value:
            words = [word for word in _word.findall(value) if word]
            if not all('=' in word for word in words):
                raise TypeError('dictionary requested, could not parse JSON or key=value')
            pairs = (word.split('=', 1) for word in words)
            return {key.strip(): text.strip('"\'') for key, text in pairs}
        raise TypeError('dictionary requested, could not parse JSON or key=value')
    raise TypeError('%s cannot be converted to a dict' % type(value))


def check_type_bool(value):
    if isinstance(value, bool):
        return value
    if isinstance(value, (str, int, float)):
        return boolean(value)
    raise TypeError('%s cannot be converted to a bool' % type(value))


def check_type_int(value):
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    try:
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, float):
            if value != int(value):
                raise ValueError
            return int(value)
        if isinstance(value, str):
            try:
                return int(value)
            except ValueError:
                number = float(value)
                if number != int(number):
                    raise
                return int(number)
    except (ValueError, OverflowError):
        pass
    raise TypeError('"%r" cannot be converted to an int' % (value,))


def check_type_float(value):
    if isinstance(value, float):
        return value
    if isinstance(value, (bytes, str, int)):
        try:
            return float(value)
        except ValueError:
            pass
    raise TypeError('%s cannot be converted to a float' % type(value))


def check_type_path(value):
    return os.path.expanduser(os.path.expandvars(check_type_str(value)))


def check_type_raw(value):
    return value


def check_type_bytes(value):
    try:
        return human_to_bytes(value)
    except ValueError:
        raise TypeError('%s cannot be converted to a Byte value' % type(value))


def check_type_bits(value):
    try:
        return human_to_bytes(value, isbits=True)
    except ValueError:
        raise TypeError('%s cannot be converted to a Bit value' % type(value))


def check_type_jsonarg(value):
    if isinstance(value, (str, bytes)):
        return to_text(value).strip()
    if isinstance(value, (list, tuple, dict)):
        return jsonify(value)
    raise TypeError('%s cannot be converted to a json string' % type(value))
