"""What plugins raise."""


class AnsibleError(Exception):
    def __init__(self, message='', obj=None, show_content=True, suppress_extended_error=None, orig_exc=None, help_text=None):
        super().__init__(message)
        self.message = str(message)
        self.obj = obj
        self.orig_exc = orig_exc

    def __str__(self):
        return self.message


class AnsibleAssertionError(AnsibleError, AssertionError):
    pass


class AnsibleOptionsError(AnsibleError):
    pass


class AnsibleRequiredOptionError(AnsibleOptionsError):
    pass


class AnsibleParserError(AnsibleError):
    pass


class AnsibleInternalError(AnsibleError):
    pass


class AnsibleRuntimeError(AnsibleError):
    pass


class AnsibleModuleError(AnsibleRuntimeError):
    pass


class AnsibleConnectionFailure(AnsibleRuntimeError):
    pass


class AnsibleTemplateError(AnsibleRuntimeError):
    pass


class AnsibleUndefinedVariable(AnsibleTemplateError):
    pass


class AnsibleFilterError(AnsibleTemplateError):
    pass


class AnsibleFilterTypeError(AnsibleFilterError, TypeError):
    pass


class AnsibleLookupError(AnsibleTemplateError):
    pass


class AnsibleTypeError(AnsibleRuntimeError, TypeError):
    pass


class AnsibleFileNotFound(AnsibleRuntimeError):
    def __init__(self, message='', obj=None, show_content=True, suppress_extended_error=None, orig_exc=None, paths=None, file_name=None):
        self.file_name = file_name
        self.paths = paths
        super().__init__(message or f'Could not find or access {file_name!r}', obj=obj, orig_exc=orig_exc)


class AnsiblePluginError(AnsibleError):
    pass


class AnsibleAction(AnsibleRuntimeError):
    """What an action ends with; its result goes into that of the task."""

    def __init__(self, message='', obj=None, show_content=True, suppress_extended_error=None, orig_exc=None, result=None):
        super().__init__(message, obj=obj, orig_exc=orig_exc)
        self.result = dict(result or {})


class AnsibleActionSkip(AnsibleAction):
    pass


class AnsibleActionFail(AnsibleAction):
    pass
