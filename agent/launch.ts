// The file that hosts run, agent.cjs: starts the program beside it from V8's compiled form, where that lies there too.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { beThrifty } from './thrift.ts';

/** SHA-256 of the program, hex; the build puts it here, so that the hash of this file names both. */
declare const programHash: string;

/** For people who look at the file. */
export const program = programHash;

beThrifty(require);
// A function of what it uses of this file's scope. The bundler writes ASCII only, and as such it is read fastest.
const source = readFileSync(join(import.meta.dirname, 'agent-program.cjs'), 'latin1');
const script = new Script(source, { filename: import.meta.filename, ...compiledForm() });
script.runInThisContext()(require, import.meta.filename, import.meta.dirname);

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
