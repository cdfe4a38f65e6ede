import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const common = {
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
  logLevel: 'error',
} as const;

const root = join(import.meta.dirname, '../../..');

/** The file that kills agents on a host and says what came of it. */
export async function crashDriver(folder: string): Promise<string> {
  const outfile = join(folder, 'crash-driver.cjs');
  await build({ ...common, entryPoints: [join(import.meta.dirname, 'driver.ts')], outfile });
  return outfile;
}

/** Makes a build of orch whose agent is the real one but for its host, which kills it when told to; gives the program. */
export async function crashingBuild(folder: string): Promise<string> {
  const dist = join(folder, 'crashing');
  cpSync(join(root, 'dist'), dist, { recursive: true });
  await build({
    ...common,
    entryPoints: [join(root, 'agent/main.ts')],
    outfile: join(dist, 'agent.cjs'),
    plugins: [
      {
        name: 'crashing-host',
        setup: ({ onResolve }) => {
          onResolve({ filter: /linux\/linux-host\.ts$/ }, ({ importer }) =>
            importer.endsWith('serve.ts') ? { path: join(import.meta.dirname, 'crashing-host.ts') } : undefined,
          );
        },
      },
    ],
  });
  return join(dist, 'orch.js');
}
