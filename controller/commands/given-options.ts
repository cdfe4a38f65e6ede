import type { Argv } from 'yargs';
import { vaultOptions } from '../vault/options.ts';

/**
 * How long a run queues behind another one of its lab where no play names that: files of one name in two folders need not be
 * meant to be one lab, and people who know Ansible run them side by side.
 */
export const unnamedPatienceS = 300;

export const inventoryOption = {
  alias: ['i', 'inventory-file'],
  type: 'string',
  array: true,
  nargs: 1,
  describe: 'Inventory file, folder or "host,host"',
} as const;

/** For people or for programs. */
export const outputOption = {
  alias: 'o',
  choices: ['text', 'json'],
  default: 'text',
  describe: 'What to print',
} as const;

/** Playbooks of commands that read them as they are written. */
export const projectPositional = {
  type: 'string',
  array: true,
  describe: 'Playbooks, roles, files of tasks, or folders of them; all that they name is read too',
} as const;

/** Variables that win over all others. */
export const extraVarsOption = {
  alias: 'e',
  type: 'string',
  array: true,
  nargs: 1,
  describe: 'Variables: key=value, JSON or @file',
} as const;

/** Options that say how hosts are reached: the same for every command that contacts hosts. */
export function reachOptions(yargs: Argv): Argv {
  const conflicts = { 'ask-pass': 'connection-password-file', 'ask-become-pass': 'become-password-file' };
  return vaultOptions(yargs)
    .conflicts(conflicts)
    .options({
      inventory: inventoryOption,
      'accept-host-key': { type: 'boolean', describe: 'Trust hosts that known_hosts does not know, and remember them' },
      'ask-pass': { alias: 'k', type: 'boolean', describe: 'Ask for the SSH password' },
      'connection-password-file': {
        alias: 'conn-pass-file',
        type: 'string',
        describe: 'File that holds the SSH password, or a script that prints it',
      },
      'ask-become-pass': { alias: 'K', type: 'boolean', describe: 'Ask for the sudo password' },
      'become-password-file': {
        alias: 'become-pass-file',
        type: 'string',
        describe: 'File that holds the sudo password, or a script that prints it',
      },
      timeout: { alias: 'T', type: 'number', describe: 'Seconds for each wait on the way to a host (default 10)' },
    });
}

/** Options of commands that choose hosts by a pattern beside what they are given. */
export function targetOptions(yargs: Argv): Argv {
  return reachOptions(yargs).option('limit', {
    alias: 'l',
    type: 'string',
    describe: 'Only these hosts (a pattern)',
  });
}

/** Who logs in, and whom it becomes. */
export function loginOptions(yargs: Argv): Argv {
  return yargs.options({
    user: { alias: 'u', type: 'string', describe: 'User to log in as' },
    become: { alias: 'b', type: 'boolean', describe: 'Become another user, as the playbook keyword does' },
    'become-user': { type: 'string', describe: 'User to become (default root)' },
    'private-key': { alias: 'key-file', type: 'string', describe: 'SSH key file' },
    'ssh-common-args': { type: 'string', describe: 'Options of ssh, as the variable ansible_ssh_common_args' },
    'ssh-extra-args': { type: 'string', describe: 'Options of ssh, as the variable ansible_ssh_extra_args' },
  });
}

/** Options of Ansible that say nothing here: the agent is root, files go through its stream. */
const withoutEffect = ['become-method', 'scp-extra-args', 'sftp-extra-args'] as const;

/** Has yargs take the options of Ansible that have no effect. */
function ansibleOptions(yargs: Argv): Argv {
  const accepted = { hidden: true, describe: 'Accepted as in Ansible' } as const;
  return yargs
    .options(Object.fromEntries(withoutEffect.map((name) => [name, accepted])))
    .string(withoutEffect)
    .option('flush-cache', { type: 'boolean', describe: 'Use no facts that earlier runs kept (fact_caching)' })
    .option('module-path', {
      ...{ alias: 'M', type: 'string', array: true, nargs: 1 },
      describe: 'Folders of modules, before those of ansible.cfg',
    })
    .option('forks', {
      alias: 'f',
      type: 'number',
      describe: 'How many hosts work at the same time (default: all)',
    });
}

/** Options of commands that do something by a playbook. */
export function hostOptions(yargs: Argv): Argv {
  return ansibleOptions(loginOptions(targetOptions(yargs))).options({
    connection: { alias: 'c', type: 'string', describe: 'How hosts are reached: ssh or local' },
    'extra-vars': extraVarsOption,
    wait: {
      type: 'number',
      describe: `Seconds to queue behind another run of the same lab (default 0; ${unnamedPatienceS} where no play says lab:)`,
    },
    check: { alias: 'C', type: 'boolean', describe: 'Change nothing; say what would be' },
    output: { choices: ['text', 'json'] as const, default: 'text' as const, describe: 'What to print' },
    verbose: { alias: 'v', type: 'count', describe: 'Say more; up to -vvv' },
  });
}

/** Adds the options of `orch run`. */
export function runOptions(yargs: Argv): Argv {
  return hostOptions(yargs)
    .positional('playbook', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'Playbook files, run in turn',
    })
    .options({
      tags: { alias: 't', type: 'string', array: true, nargs: 1, describe: 'Only tasks with these tags' },
      'skip-tags': { type: 'string', array: true, nargs: 1, describe: 'No tasks with these tags' },
      'start-at-task': { type: 'string', describe: 'Begin at the task of this name' },
      'force-handlers': { type: 'boolean', describe: 'Run notified handlers on failed hosts, too' },
      diff: { alias: 'D', type: 'boolean', describe: 'Show what changes' },
      confirm: {
        type: 'string',
        describe: 'Hosts take the run back unless all goes well and they are reached anew within SECONDS (default 30)',
      },
      why: {
        type: 'boolean',
        default: true,
        describe: 'Say why cells are not as expected; --no-why does not ask',
      },
      'list-hosts': { type: 'boolean', describe: 'Print the hosts of each play, and end' },
      'list-tasks': { type: 'boolean', describe: 'Print the tasks of each play, and end' },
      'list-tags': { type: 'boolean', describe: 'Print the tags of each play, and end' },
      step: { type: 'boolean', describe: 'Ask before each task: no, yes, or all from here on' },
      'syntax-check': { type: 'boolean', describe: 'Check the input, and end' },
      watch: {
        type: 'boolean',
        describe: 'Stay, and run again when a file that it was made of changes, or on Enter; Ctrl-C ends',
      },
    })
    .conflicts('watch', 'step');
}
