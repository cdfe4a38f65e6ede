import type { Plugin } from 'esbuild';
import { agentSources } from './agent-sources.ts';

/**
 * What the agent's files import of Node is taken out of Node's modules once, by name; each of the files would ask for the module
 * again, and at each call for the function in it: a hundredth of the agent's file.
 */
export const namesOfNode: Plugin = {
  name: 'names-of-node',
  setup: ({ onResolve, onLoad }) => {
    const names = namesByModule();
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'import-statement' && names.has(path)
        ? { path, namespace: 'names-of-node', sideEffects: false }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'names-of-node' }, ({ path }) => {
      const module = `require(${JSON.stringify(path)})`;
      return { contents: `export const { ${[...(names.get(path) ?? [])].join(', ')} } = ${module};` };
    });
  },
};

/** Of each module of Node what the agent's files import; a file that imports what is not found here does not build. */
function namesByModule(): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const [, list = '', module = ''] of agentSources().flatMap((text) => [...text.matchAll(imports)])) {
    const names = found.get(module) ?? new Set();
    found.set(module, names);
    for (const [, name = ''] of list.matchAll(/(?:^|,)\s*(?!type )(\w+)/g)) names.add(name);
  }
  return found;
}

const imports = /^import \{([^}]*)\} from '(node:[\w/]+)';$/gm;
