import { appendFileSync } from 'node:fs';
import { OrchError } from '../../proto/errors.ts';
import { ownUser } from '../../proto/own-user.ts';
import type { Terminal } from '../report/terminal.ts';
import { warn } from './warn.ts';

/** `2026-11-29 09:38:57,731`, in local time. */
function stamp(now: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('-');
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(':');
  return `${day} ${time},${String(now.getMilliseconds()).padStart(3, '0')}`;
}

/** The lines of a text as Ansible's log_path has them; blank ones are left out. */
export function logLines(text: string, now = new Date(), by = `p=${process.pid} u=${ownUser()}`): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => `${stamp(now)} ${by} n=orch INFO| ${line}\n`).join('');
}

/** A file as where a run is printed to; of a disk that is full meanwhile a warning tells. Throws OrchError when it can't be written. */
export function logFile(path: string): Terminal {
  try {
    // Results may be private: others than the user have no business with a new one.
    appendFileSync(path, '', { mode: 0o600 });
  } catch (error) {
    throw new OrchError({ code: 'invalid-option', summary: `cannot write log_path ${path}`, cause: error });
  }
  let isWhole = true;
  const write = (text: string) => {
    if (!isWhole) return;
    try {
      appendFileSync(path, logLines(text));
    } catch (error) {
      // Hosts must not be left halfway for it.
      isWhole = false;
      warn([`log_path ${path} is cut short: ${String(error)}`]);
    }
  };
  return { write, columns: () => 80, rows: () => 24, color: false, live: false };
}
