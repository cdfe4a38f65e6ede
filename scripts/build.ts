// Bundles the controller (split ESM, so that --help loads little) and the agent (one file that a bare node runs).
import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });

// ssh2 is CommonJS and asks for require, __dirname and optional native add-ons.
const banner = [
  '#!/usr/bin/env node',
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url);',
  'const __dirname = import.meta.dirname;',
].join('\n');

await build({
  entryPoints: [
    { in: join(root, 'controller/main.ts'), out: 'orch' },
    { in: join(root, 'controller/testbed/relay.ts'), out: 'testbed-relay' },
  ],
  outdir: dist,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minify: true,
  keepNames: true,
  legalComments: 'none',
  external: ['*.node', 'cpu-features'],
  banner: { js: banner },
  logLevel: 'warning',
});
await build({
  entryPoints: [join(root, 'agent/main.ts')],
  outfile: join(dist, 'agent.cjs'),
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  minify: true,
  legalComments: 'none',
  define: { 'import.meta.dirname': '__dirname' },
  logLevel: 'warning',
});

chmodSync(join(dist, 'orch.js'), 0o755);
// So that `npx orch` works in the checkout.
const link = join(root, 'node_modules/.bin/orch');
mkdirSync(join(root, 'node_modules/.bin'), { recursive: true });
rmSync(link, { force: true });
symlinkSync('../../dist/orch.js', link);
