// The file that hosts run, agent.cjs: starts the program that it holds from V8's compiled form, where that lies beside it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';

/** The bundled agent, a function of require, __filename and __dirname; the build puts it here. */
declare const programText: string;

const script = new Script(programText, { filename: import.meta.filename, ...compiledForm() });
script.runInThisContext()(createRequire(import.meta.filename), import.meta.filename, import.meta.dirname);

/** V8 refuses a form that another version of it made, and compiles then. */
function compiledForm(): { cachedData?: Buffer } {
  try {
    return { cachedData: readFileSync(join(import.meta.dirname, 'agent.cache')) };
  } catch {
    // It is brought along only where the host's Node can use it.
    return {};
  }
}

/** The compiled form of all functions that have been called so far. */
export const compiled = (): Buffer => script.createCachedData();
