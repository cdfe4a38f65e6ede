import { spawnSync } from 'node:child_process';
import { constants, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import { mayUse } from '../ownership.ts';
import type { Secret } from './types.ts';

/** Seconds that a script which prints a password may take. */
const scriptSeconds = 60;

/** The password that a file holds or a script prints, read when it is first needed; `-` is standard input. */
export function filedSecret(file: string, what: string): Secret {
  let text: string | undefined;
  return async () => {
    text ??= read(file, what);
    return text;
  };
}

function read(file: string, what: string): string {
  const path = file === '-' ? '/dev/stdin' : resolve(file.replace(/^~(?=\/|$)/, homedir()));
  try {
    const bytes = file !== '-' && mayUse(path, constants.X_OK) ? printed(path) : readFileSync(path, 'utf8');
    const [first = ''] = bytes.trim().split('\n');
    if (first !== '') return first;
    throw new Error('it holds none');
  } catch (error) {
    throw new OrchError({
      code: 'invalid-option',
      summary: `Cannot read the ${what} from "${file}": ${error instanceof Error ? error.message : String(error)}.`,
      hint: 'Name a file of one line, or a program that prints it.',
    });
  }
}

function printed(path: string): string {
  const { status, stdout, error } = spawnSync(path, {
    stdio: ['inherit', 'pipe', 'inherit'],
    timeout: scriptSeconds * 1000,
    encoding: 'utf8',
  });
  if (status === 0) return stdout;
  throw error ?? new Error(`it ended with status ${status}`);
}
