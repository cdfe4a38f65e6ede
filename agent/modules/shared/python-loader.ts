/**
 * Program of Python that runs a module of Ansible's kind out of what it reads from standard input, so that nothing of it is written
 * to the host's disk: {name, source, files: {path: text}, args: JSON, package, respawned}. `ansible.module_utils` is what `files` has, whatever
 * is installed there.
 */
export const pythonLoader = `
import sys
sys.path[:1] = []
import importlib.abc, importlib.util, json, linecache, os, traceback, types
given = json.loads(sys.stdin.buffer.read().decode('utf-8'))
with open(os.devnull) as nothing:
    os.dup2(nothing.fileno(), 0)

def compiled(text, path):
    linecache.cache[path] = (len(text), None, text.splitlines(True), path)
    return compile(text, path, 'exec', dont_inherit=True)

class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] not in ('ansible', 'ansible_collections'):
            return None
        base = name.replace('.', '/')
        for file in (base + '.py', base + '/__init__.py'):
            if file in given['files']:
                return self.spec(name, file)
        if any(file.startswith(base + '/') for file in given['files']):
            return self.spec(name, base + '/__init__.py')
        return None

    def spec(self, name, file):
        package = file.endswith('/__init__.py')
        return importlib.util.spec_from_loader(name, self, origin=file, is_package=package)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        file = module.__spec__.origin
        module.__file__ = file
        exec(compiled(given['files'].get(file, ''), file), module.__dict__)

sys.meta_path.insert(0, Finder())
import ansible.module_utils.basic as basic
basic._ANSIBLE_ARGS = json.dumps({'ANSIBLE_MODULE_ARGS': json.loads(given['args'])}).encode('utf-8')
main = types.ModuleType('__main__')
main.__file__ = given['name'] + '.py'
main.__package__ = given.get('package')
main._given = given
if given.get('respawned'):
    main._respawned = True
sys.modules['__main__'] = main
sys.argv = [main.__file__]
try:
    exec(compiled(given['source'], main.__file__), main.__dict__)
except Exception as error:
    result = {'failed': True, 'msg': 'Module failed: %s' % error, 'exception': traceback.format_exc()}
    print(json.dumps(basic.remove_values(result, basic._secrets)))
    sys.exit(1)
`;
