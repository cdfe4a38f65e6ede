// The file that is run, dist/orch.js: starts the program beside it from its compiled form.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeCacheFile, readProgram } from './program.ts';

// As if it were not set: nobody's home is where one stands.
if (process.env.HOME === '') delete process.env.HOME;
try {
  process.cwd();
} catch {
  process.stderr.write('[ERROR]: The folder that orch is started in is no more: go to another one. [file-not-found]\n');
  process.exit(4);
}

const folder = import.meta.dirname;
const cache = join(folder, codeCacheFile);
readProgram(folder, existsSync(cache) ? readFileSync(cache) : undefined).start();
