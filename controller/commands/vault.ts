import type { Argv } from 'yargs';
import { OrchError } from '../../proto/errors.ts';
import { settings } from '../config/settings.ts';
import { Keyring, type VaultSecret } from '../vault/keyring.ts';
import { vaultOptions } from '../vault/options.ts';
import { readSecrets, readVaultOptions, type VaultOptions } from '../vault/secrets.ts';
import {
  createFile,
  editFile,
  encryptStrings,
  openFiles,
  rekeyFiles,
  sealFiles,
  tellOnTerminal,
  viewFiles,
} from '../vault/work.ts';
import type { CommandFile } from './command.ts';
import { pathText, text, texts } from './read-options.ts';

const actions = ['create', 'decrypt', 'edit', 'encrypt', 'encrypt_string', 'rekey', 'view'] as const;
type Action = (typeof actions)[number];

/** Options that some actions have. */
const ofActions: Readonly<Record<string, readonly Action[]>> = {
  'encrypt-vault-id': ['create', 'edit', 'encrypt', 'encrypt_string', 'rekey'],
  output: ['decrypt', 'encrypt', 'encrypt_string'],
  'new-vault-id': ['rekey'],
  'new-vault-password-file': ['rekey'],
  name: ['encrypt_string'],
  'stdin-name': ['encrypt_string'],
  prompt: ['encrypt_string'],
  'show-input': ['encrypt_string'],
  'skip-tty-check': ['create'],
};

/** Refuses an option that its action does not have. */
function checkOptions(given: Readonly<Record<string, unknown>>): true {
  for (const [option, having] of Object.entries(ofActions)) {
    if (given[option] !== undefined && !having.some((action) => action === given.action)) {
      const message = `${String(given.action)} has no --${option}, which is for ${having.join(', ')}`;
      // Named as errors of the parser are.
      throw Object.assign(new Error(message), { name: 'YError' });
    }
  }
  return true;
}

export function options(yargs: Argv): Argv {
  return vaultOptions(yargs)
    .positional('action', { type: 'string', choices: actions, demandOption: true, describe: 'what to do' })
    .positional('args', {
      type: 'string',
      array: true,
      default: [],
      describe: 'files, or texts of encrypt_string; -: stdin',
    })
    .options({
      'encrypt-vault-id': { type: 'string', describe: 'Id to encrypt with, where several are given' },
      output: { type: 'string', describe: 'File to write to; -: stdout' },
      'new-vault-id': { type: 'string', describe: 'rekey: the new password, as --vault-id' },
      'new-vault-password-file': {
        type: 'string',
        conflicts: 'new-vault-id',
        describe: 'rekey: file of the new password',
      },
      name: { alias: 'n', type: 'string', array: true, nargs: 1, describe: 'encrypt_string: name of the variable' },
      'stdin-name': { type: 'string', describe: 'encrypt_string: name of the variable whose value is stdin' },
      prompt: { alias: 'p', type: 'boolean', describe: 'encrypt_string: ask for name and text' },
      'show-input': { type: 'boolean', describe: 'encrypt_string: the text that is asked for is seen' },
      'skip-tty-check': { type: 'boolean', describe: 'create: open $EDITOR without a terminal, too' },
      verbose: { alias: 'v', type: 'count', hidden: true },
    })
    .check(checkOptions);
}

/** `encrypt-string` is `encrypt_string`. */
export function arrange(args: readonly string[]): readonly string[] {
  const at = args.indexOf('encrypt-string');
  return at < 0 ? args : args.map((word, index) => (index === at ? 'encrypt_string' : word));
}

/** As ansible-vault ends. */
export const exitOf: NonNullable<CommandFile['exitOf']> = (code) =>
  code === 'usage' ? 2 : code === 'invalid-option' ? 5 : 1;

/** Of options that do not go together. */
const misused = (summary: string): OrchError => new OrchError({ code: 'invalid-option', summary });
const refuse = (summary: string, hint?: string): OrchError => new OrchError({ code: 'vault', summary, hint });

const noSource = ({ ids, passwordFiles, ask }: VaultOptions): boolean =>
  ids.length === 0 && passwordFiles.length === 0 && !ask;

/** Passwords as they are given; where none is, a person is asked. */
const secretsOf = (given: VaultOptions, isNew: boolean): Promise<VaultSecret[]> =>
  readSecrets(noSource(given) ? { ...given, ask: true } : given, isNew);

/** The password to encrypt with: the only one, or that of the wanted id. */
function sealing(secrets: readonly VaultSecret[], wanted: string | undefined): VaultSecret {
  if (wanted !== undefined) {
    const found = secrets.find(({ id }) => id === wanted);
    if (found) return found;
    const known = secrets.map(({ id }) => `'${id}'`).join(', ');
    throw refuse(
      `Did not find a match for --encrypt-vault-id=${wanted} in the known vault-ids [${known}]`,
      `give it by --vault-id ${wanted}@FILE`,
    );
  }
  const [only, ...more] = secrets;
  if (only && more.length === 0) return only;
  const ids = secrets.map(({ id }) => id).join(',');
  throw misused(
    `The vault-ids ${ids} are available to encrypt. Specify the vault-id to encrypt with --encrypt-vault-id`,
  );
}

/** Encrypts and decrypts files and texts as ansible-vault does. */
export async function execute(args: Readonly<Record<string, unknown>>): Promise<number> {
  const action = args.action as Action;
  const words = (args.args as unknown[]).map(String);
  // What is said as - comes as nothing.
  const output = pathText(args.output) === '' ? '-' : pathText(args.output);
  const said = settings();
  const wanted = text(args['encrypt-vault-id']) ?? said.vaultEncryptIdentity;
  if (output !== undefined && words.length > 1 && action !== 'encrypt_string') {
    throw misused('At most one input file may be used with the --output option');
  }
  const given = readVaultOptions(args);
  const isNew = action === 'encrypt' || action === 'encrypt_string' || action === 'create';
  const secrets = await secretsOf(given, isNew);
  const keyring = new Keyring(secrets);
  switch (action) {
    case 'encrypt':
      sealFiles(words, sealing(secrets, wanted), output);
      tellOnTerminal('Encryption successful');
      break;
    case 'encrypt_string': {
      const names = (Array.isArray(args.name) ? args.name : []).map(String);
      const how = {
        names,
        stdinName: text(args['stdin-name']),
        prompt: args.prompt === true,
        showInput: args['show-input'] === true,
      };
      await encryptStrings(words, how, sealing(secrets, wanted), output);
      tellOnTerminal('Encryption successful');
      break;
    }
    case 'decrypt':
      openFiles(words, keyring, output);
      tellOnTerminal('Decryption successful');
      break;
    case 'view':
      viewFiles(words, keyring);
      break;
    case 'create':
      await createFile(words, sealing(secrets, wanted), args['skip-tty-check'] === true);
      break;
    case 'edit':
      for (const file of words) await editFile(file, keyring);
      break;
    case 'rekey': {
      const fresh = await secretsOf(
        {
          ids: [...(wanted === undefined ? [] : said.vaultIdentityList), ...texts(args['new-vault-id'])],
          passwordFiles: [...texts(args['new-vault-password-file']), ...texts(said.vaultPasswordFile)],
          ask: false,
        },
        true,
      );
      // As in Ansible the settings' passwords may be the new one, too: what was named for it comes before them.
      rekeyFiles(words, keyring, sealing(wanted === undefined ? fresh.slice(0, 1) : fresh, wanted));
      process.stderr.write('Rekey successful\n');
      break;
    }
  }
  return 0;
}
