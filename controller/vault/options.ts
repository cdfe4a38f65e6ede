import type { Argv } from 'yargs';

/** Options that say where vault passwords are, as Ansible's commands have them. */
export function vaultOptions<T>(yargs: Argv<T>) {
  return yargs.conflicts('ask-vault-password', 'vault-password-file').options({
    'vault-id': { type: 'string', array: true, nargs: 1, describe: 'Vault password: ID@FILE, ID@prompt or a file' },
    'vault-password-file': {
      alias: 'vault-pass-file',
      type: 'string',
      array: true,
      nargs: 1,
      describe: 'File that holds the vault password, or a script that prints it',
    },
    'ask-vault-password': { alias: ['ask-vault-pass', 'J'], type: 'boolean', describe: 'Ask for the vault password' },
  });
}
