"""Locales."""


def get_best_parsable_locale(module, preferences=None, raise_on_locale=False):
    """The first locale that the host has of those whose messages programs can read; C where there is none."""
    wanted = preferences or ['C.utf8', 'C.UTF-8', 'en_US.utf8', 'en_US.UTF-8', 'C', 'POSIX']
    program = module.get_bin_path('locale')
    if not program:
        if raise_on_locale:
            raise RuntimeWarning("Could not find 'locale' tool")
        return 'C'
    rc, out, _err = module.run_command([program, '-a'])
    if rc != 0:
        if raise_on_locale:
            raise RuntimeWarning("Unable to get locale information")
        return 'C'
    there = out.strip().splitlines()
    return next((name for name in wanted if name in there), 'C')
