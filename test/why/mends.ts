import { expect } from 'vitest';
import { catalog } from '../../controller/catalog.ts';
import { type ParsedPlaybook, parsePlaybook } from '../../controller/playbook/parse/parse-playbook.ts';
import { errorText } from '../../controller/report/error-text.ts';
import type { Mend } from '../../controller/report/why/why-types.ts';

/** A mend that was pasted into a play. */
export function pasted({ tasks }: Mend): ParsedPlaybook {
  const play = `- hosts: all\n  lab: mend\n  become: true\n  tasks:\n${tasks.replace(/^/gm, '    ')}\n`;
  return parsePlaybook('mend.yml', { readFile: () => play, catalog });
}

/** A mend must be a list of tasks that can be pasted into a play. */
export function expectTasks(mend: Mend | undefined): void {
  if (mend !== undefined) expect(pasted(mend).errors.map(errorText)).toEqual([]);
}
