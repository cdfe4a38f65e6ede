"""What is wrong with arguments."""


class AnsibleFallbackNotFound(Exception):
    """No fallback gives a value."""


class AnsibleValidationError(Exception):
    def __init__(self, message):
        super().__init__(message)
        self.error_message = message

    @property
    def msg(self):
        return self.args[0]


class AnsibleValidationErrorMultiple(AnsibleValidationError):
    """Several at once; the message is the first one's."""

    def __init__(self, errors=None):
        self.errors = list(errors) if errors else []

    def __getitem__(self, key):
        return self.errors[key]

    @property
    def msg(self):
        return self.errors[0].args[0]

    @property
    def messages(self):
        return [error.msg for error in self.errors]

    def append(self, error):
        self.errors.append(error)

    def extend(self, errors):
        self.errors.extend(errors)


class AliasError(AnsibleValidationError):
    pass


class ArgumentTypeError(AnsibleValidationError):
    pass


class ArgumentValueError(AnsibleValidationError):
    pass


class ElementError(AnsibleValidationError):
    pass


class MutuallyExclusiveError(AnsibleValidationError):
    pass


class NoLogError(AnsibleValidationError):
    pass


class RequiredByError(AnsibleValidationError):
    pass


class RequiredDefaultError(AnsibleValidationError):
    pass


class RequiredError(AnsibleValidationError):
    pass


class RequiredIfError(AnsibleValidationError):
    pass


class RequiredOneOfError(AnsibleValidationError):
    pass


class RequiredTogetherError(AnsibleValidationError):
    pass


class SubParameterTypeError(AnsibleValidationError):
    pass


class UnsupportedError(AnsibleValidationError):
    pass
