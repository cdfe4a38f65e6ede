import { OrchErrors } from '../../proto/errors.ts';
import { catalog } from '../catalog.ts';
import { parsePlaybook } from '../playbook/parse/parse-playbook.ts';
import type { Play } from '../playbook/types.ts';
import type { Mend } from '../report/why/why-types.ts';

/** Where errors say that a mend's task stands. */
export const mendFile = 'orch why --fix';

/** The play that a mend is to be pasted into. Throws OrchErrors for tasks that no playbook could have. */
export function mendPlay({ host, tasks }: Mend, cause: string, lab: string): Play {
  const text = [
    `- name: ${JSON.stringify(`mend ${cause}`)}`,
    `  hosts: ${JSON.stringify(host)}`,
    `  lab: ${JSON.stringify(lab)}`,
    '  become: true',
    '  gather_facts: false',
    '  tasks:',
    tasks.replace(/^/gm, '    '),
    '',
  ].join('\n');
  const { playbook, errors } = parsePlaybook(mendFile, { readFile: () => text, catalog });
  const [play] = playbook.plays;
  if (play === undefined || errors.length > 0) throw new OrchErrors(errors);
  return play;
}
