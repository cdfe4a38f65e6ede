import { spawnSync } from 'node:child_process';
import { constants, existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { OrchError } from '../../../proto/errors.ts';
import { mayUse, notExecutableHint, startsAsProgram } from '../../file-access.ts';
import { expandedPath } from '../../paths.ts';
import { isFolder } from '../../source/read-file.ts';
import type { Secret } from '../types.ts';

/** Seconds that a script which prints a password may take. */
const scriptSeconds = 60;

/** The password that a file holds or a script prints, read when it is first needed; `-` is standard input. Throws when nothing is there. */
export function filedSecret(file: string, what: string): Secret {
  const path = file === '-' ? '/dev/stdin' : resolve(expandedPath(file));
  if (file !== '-' && !existsSync(path)) throw unread(file, what, 'there is no such file');
  let text: string | undefined;
  return async () => {
    text ??= read(file, path, what);
    return text;
  };
}

const oneLine = 'Name a file of one line, or a program that prints it.';

function unread(file: string, what: string, why: string, hint = oneLine): OrchError {
  return new OrchError({ code: 'invalid-option', summary: `Cannot read the ${what} from "${file}": ${why}.`, hint });
}

/** The first line: neither ssh nor sudo takes more. As in Ansible blanks around it count where a program prints them. */
function read(file: string, path: string, what: string): string {
  const isProgram = file !== '-' && mayUse(path, constants.X_OK) && !isFolder(path);
  if (isProgram && !startsAsProgram(path))
    throw unread(file, what, 'it may be executed and is no program', notExecutableHint(path));
  try {
    const text = isProgram ? printed(path) : readFileSync(path, 'utf8');
    const whole = isProgram || file === '-' ? text.replace(/^[\r\n]+/, '') : text.trim();
    const [first = ''] = whole.split(/[\r\n]/);
    if (first !== '') return first;
    throw new Error('it holds none');
  } catch (error) {
    throw unread(file, what, error instanceof Error ? error.message : String(error));
  }
}

function printed(path: string): string {
  const { status, stdout, error } = spawnSync(path, {
    stdio: ['inherit', 'pipe', 'inherit'],
    timeout: scriptSeconds * 1000,
    killSignal: 'SIGKILL',
    encoding: 'utf8',
  });
  if (status === 0) return stdout;
  throw error ?? new Error(`it ended with status ${status}`);
}
