"""Arguments and wrappers of modules that talk to a web service."""

import functools
import random
import time


def _with(spec, more):
    spec.update(more or {})
    return spec


def rate_limit_argument_spec(spec=None):
    """Arguments of a module that asks a service only so often."""
    return _with({'rate': {'type': 'int'}, 'rate_limit': {'type': 'int'}}, spec)


def retry_argument_spec(spec=None):
    """Arguments of a module that asks again."""
    return _with({'retries': {'type': 'int'}, 'retry_pause': {'type': 'float', 'default': 1}}, spec)


def basic_auth_argument_spec(spec=None):
    """Arguments of a module that names itself to a service."""
    service = {
        'api_username': {'type': 'str'},
        'api_password': {'type': 'str', 'no_log': True},
        'api_url': {'type': 'str'},
        'validate_certs': {'type': 'bool', 'default': True},
    }
    return _with(service, spec)


def rate_limit(rate=None, rate_limit=None):
    """Calls a function at most `rate` times in `rate_limit` seconds."""
    pause = float(rate_limit) / float(rate) if rate and rate_limit else 0.0

    def wrapper(function):
        last = [None]

        @functools.wraps(function)
        def limited(*args, **kwargs):
            if last[0] is not None:
                time.sleep(max(0.0, pause - (time.monotonic() - last[0])))
            last[0] = time.monotonic()
            return function(*args, **kwargs)

        return limited

    return wrapper


def retry(retries=None, retry_pause=1):
    """Calls a function until it answers and raises nothing, at most `retries` times more than once."""

    def wrapper(function):
        @functools.wraps(function)
        def again(*args, **kwargs):
            for left in range(int(retries or 0), -1, -1):
                try:
                    answer = function(*args, **kwargs)
                    if answer or retries is None:
                        return answer
                except Exception:
                    if left == 0:
                        raise
                if left:
                    time.sleep(retry_pause)
            raise Exception('Retry limit exceeded: %d' % int(retries or 0))

        return again

    return wrapper


def generate_jittered_backoff(retries=10, delay_base=3, delay_threshold=60):
    """Seconds between tries, by chance, of which the later ones may be longer."""
    for retry in range(retries):
        yield random.randint(0, min(delay_threshold, delay_base * 2**retry))


def retry_never(exception_or_result):
    return False


def retry_with_delays_and_condition(backoff_iterator, should_retry_error=None):
    """Calls a function again after each of the delays, as long as it raises what is to be tried again."""
    delays = list(backoff_iterator)
    wants = should_retry_error or retry_never

    def wrapper(function):
        @functools.wraps(function)
        def again(*args, **kwargs):
            for delay in delays:
                try:
                    return function(*args, **kwargs)
                except Exception as error:
                    if not wants(error):
                        raise
                time.sleep(delay)
            return function(*args, **kwargs)

        return again

    return wrapper
