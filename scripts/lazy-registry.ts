import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

const lazyMap = join(import.meta.dirname, '../agent/modules/shared/lazy-map.ts');

/**
 * The registries of modules and actions with each of them evaluated when it is first asked for: their schemas cost an agent's start,
 * and a controller's, more than all else, and a lab needs a few. What scripts and tests load are the plain registries.
 */
export const lazyRegistry: Plugin = {
  name: 'lazy-registry',
  setup: ({ onLoad }) => {
    const lazily = (folder: string, exported: string, more: readonly string[] = []) =>
      onLoad({ filter: new RegExp(`${folder}/registry\\.gen\\.ts$`) }, ({ path }) => {
        const imports = new RegExp(`^import \\{ ${exported} as \\w+ \\} from '\\./([\\w-]+)\\.ts';$`, 'gm');
        const entries = [...readFileSync(path, 'utf8').matchAll(imports)].map(([, file = '']) => {
          return `[${JSON.stringify(file.replaceAll('-', '_'))}, () => require('./${file}.ts').${exported}]`;
        });
        const contents = [
          `import { LazyMap } from ${JSON.stringify(lazyMap)};`,
          `export const registry = new LazyMap([${entries.join(',\n')}]);`,
          ...more,
        ].join('\n');
        return { contents, loader: 'ts' as const, resolveDir: dirname(path) };
      });
    lazily('agent/modules', 'module', [
      "import { findKindsIn } from './shared/link/kind.ts';",
      'findKindsIn(registry);',
    ]);
    lazily('controller/actions', 'action');
  },
};
