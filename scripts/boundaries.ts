// Checks the import rules, and that the checker saw any modules at all: it reports success for zero.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
let output = '';
let failed = false;
try {
  output = execFileSync(
    join(root, 'node_modules/.bin/depcruise'),
    ['--config', '.dependency-cruiser.mjs', 'agent', 'controller', 'proto'],
    { cwd: root, encoding: 'utf8' },
  );
} catch (error) {
  failed = true;
  output = String((error as { stdout?: string }).stdout ?? error);
}
process.stdout.write(output);
const seen = Number(/(\d+) modules/.exec(output)?.[1] ?? 0);
if (seen < 10) {
  console.error(`boundaries: the checker saw ${seen} modules; it cannot have read the sources`);
  failed = true;
}
process.exitCode = failed ? 1 : 0;
