// Bundles what Node does of a bootstrap on a host that has nothing of orch yet, as text that stands in single quotes for any
// login shell.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';

export async function buildFirstStart(options: BuildOptions, outfile: string): Promise<void> {
  await build({ ...options, entryPoints: [join(import.meta.dirname, '../agent/first-start.ts')], outfile });
  if (/['\\]/.test(readFileSync(outfile, 'latin1'))) {
    throw new Error('agent/first-start.ts has a quote or a backslash, which not all shells leave as it is');
  }
}
