import { basename } from 'node:path';

/** The command that does what each of Ansible's programs does. */
const commandOf: Readonly<Record<string, string>> = {
  ansible: 'do',
  'ansible-console': 'console',
  'ansible-doc': 'doc',
  'ansible-inventory': 'inventory',
  'ansible-playbook': 'run',
  'ansible-vault': 'vault',
};

/**
 * The command and its words of a process' argv. Called by the name of one of Ansible's programs, as through a link of that name, orch
 * does what that one does: so scripts that name it, for which an alias means nothing, need not be changed.
 */
export function asCalled([, program = '', ...words]: readonly string[]): readonly string[] {
  const name = basename(program);
  const command = Object.hasOwn(commandOf, name) ? commandOf[name] : undefined;
  return command === undefined ? words : [command, ...words];
}
