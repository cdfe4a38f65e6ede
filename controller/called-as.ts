import { basename } from 'node:path';
import { ansibleVersion, version } from '../proto/version.ts';

/** The command that does what each of Ansible's programs does. */
const commandOf: Readonly<Record<string, string>> = {
  ansible: 'do',
  'ansible-console': 'console',
  'ansible-doc': 'doc',
  'ansible-inventory': 'inventory',
  'ansible-playbook': 'run',
  'ansible-vault': 'vault',
};

/** The program of Ansible's by whose name, as through a link, orch was called; undefined: by its own. */
function ansibleProgram(program: string): string | undefined {
  const name = basename(program);
  return Object.hasOwn(commandOf, name) ? name : undefined;
}

/**
 * The command and its words of a process' argv. Called by the name of one of Ansible's programs, as through a link of that name, orch
 * does what that one does: so scripts that name it, for which an alias means nothing, need not be changed.
 */
export function asCalled([, program = '', ...words]: readonly string[]): readonly string[] {
  const command = commandOf[ansibleProgram(program) ?? ''];
  return command === undefined ? words : [command, ...words];
}

/** What `--version` prints: by the name of one of Ansible's programs first in its words, which tools look for. */
export function versionText([, program = '']: readonly string[]): string {
  const name = ansibleProgram(program);
  return name === undefined ? `orch ${version}` : `${name} [core ${ansibleVersion}]\n  orch ${version}`;
}
