// The file that is run, dist/orch.js: starts the program beside it from its compiled form.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeCacheFile, readProgram } from './program.ts';

const folder = import.meta.dirname;
const cache = join(folder, codeCacheFile);
readProgram(folder, existsSync(cache) ? readFileSync(cache) : undefined).start();
