import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';

/** The bundled program, main.cjs, ready to start. */
export interface Program {
  /** Evaluates it anew: it acts on process.argv. */
  start(): void;
  /** V8's compiled form of all functions that have been called so far. */
  compiled(): Buffer;
}

/** V8's compiled form of main.cjs, made by the build. */
export const codeCacheFile = 'main.cache';

/**
 * Reads the program of a folder. With `cache` V8 takes the compiled form instead of compiling the source, which is a third
 * of what a warm run costs; one that another version of Node made V8 refuses, and compiles.
 */
export function readProgram(folder: string, cache: Buffer | undefined): Program {
  const file = join(folder, 'main.cjs');
  // The bundler writes ASCII only, and as such it is read fastest.
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'latin1')}\n})`;
  const script = new Script(source, { filename: file, ...(cache ? { cachedData: cache } : {}) });
  return {
    start: () => {
      const module = { exports: {} };
      script.runInThisContext()(module.exports, createRequire(file), module, file, folder);
    },
    compiled: () => script.createCachedData(),
  };
}
