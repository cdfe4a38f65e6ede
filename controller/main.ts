import '../agent/modules/shared/plain-schemas.ts';
import { setMaxListeners } from 'node:events';
import yargs, { type Argv } from 'yargs';
import { OrchError } from '../proto/errors.ts';
import { asCalled, versionText } from './called-as.ts';
import type { CommandFile } from './commands/command.ts';
import { CommandLine } from './commands/command-line.ts';
import { fail, tellErrors, wrongInput } from './commands/fail.ts';
import { withPlainWords, wordsAsWritten } from './commands/plain-words.ts';
import { warn } from './commands/warn.ts';
import { settings } from './config/settings.ts';
import { allowDoubledKeys } from './source/doubled-keys.ts';

// Loaded when called, so that --help stays fast.
const commands: readonly (readonly [usage: string, summary: string, load: () => Promise<CommandFile>])[] = [
  ['run <playbook..>', 'Run playbooks on the hosts of an inventory', () => import('./commands/run.ts')],
  ['do <pattern>', 'Run one module on hosts', () => import('./commands/do.ts')],
  ['console [pattern]', 'Modules on hosts, line by line', () => import('./commands/console.ts')],
  ['inventory [group]', 'Hosts, groups and variables of an inventory', () => import('./commands/inventory.ts')],
  ['vars <host> [name]', 'Variables of a host: which place wins, which lose', () => import('./commands/vars.ts')],
  ['destroy [playbook]', 'Take back what a lab did on its hosts', () => import('./commands/destroy.ts')],
  ['rollback [what]', 'Take a lab back to where it was before a run', () => import('./commands/rollback.ts')],
  ['confirm [what]', 'Keep a run that hosts would take back', () => import('./commands/confirm.ts')],
  ['why <from> <to>', 'Why a probe fails: its way, the place it dies, the mend', () => import('./commands/why.ts')],
  [
    'watch <from> <to>',
    'Ask on, and say why and what changed when no answer comes',
    () => import('./commands/watch.ts'),
  ],
  ['doctor [hosts..]', 'What will bite on hosts, before it does', () => import('./commands/doctor.ts')],
  ['status [playbook]', "Hosts' agents and what labs own there", () => import('./commands/status.ts')],
  ['runs [action] [run]', 'Past runs: list them, or show one again', () => import('./commands/runs.ts')],
  ['vault <action> [args..]', 'Encrypt and decrypt files and values', () => import('./commands/vault.ts')],
  ['lint [playbook..]', 'What in playbooks will bite later, by rules', () => import('./commands/lint.ts')],
  [
    'migrate <playbook..>',
    'Which network commands of playbooks become which tasks',
    () => import('./commands/migrate.ts'),
  ],
  ['doc [names..]', 'What modules, keywords, filters, tests and lookups do', () => import('./commands/doc.ts')],
  ['exec <endpoint>', 'Run a program on hosts, in a namespace', () => import('./commands/exec.ts')],
  ['shell <endpoint>', 'A shell on a host, in a namespace', () => import('./commands/shell.ts')],
  ['logs <endpoint> <daemon>', 'What a daemon wrote', () => import('./commands/logs.ts')],
  ['agent <action>', "Hosts' agents: install as a service, remove, status", () => import('./commands/agent.ts')],
  ['testbed <action> [host]', 'Hosts on this machine, to run labs on', () => import('./commands/testbed.ts')],
];

// One Ctrl-C is for all hosts: however many listen to it, that is no leak.
setMaxListeners(0);

let outputFault: string | undefined;

// Who reads may leave (`orch run ... | head`), and the disk may be full: a run goes on to its end all the same.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') outputFault ??= error.message;
  });
}

/** Ends with what is wrong in the words of the command line. */
function misused(summary: string, command: string, exitOf: typeof wrongInput): never {
  // The help is long: what is wrong would be out of sight above it.
  const hint = `\`${command} --help\` shows what it takes.`;
  tellErrors([new OrchError({ code: 'invalid-option', summary, hint })]);
  process.exit(exitOf('usage'));
}

function parser(args: readonly string[], command: string, { exitOf = wrongInput, hasProgram = false } = {}): Argv {
  return yargs([...args])
    .scriptName(command)
    .version(versionText(process.argv))
    .alias('h', 'help')
    .strict()
    .wrap(100)
    .parserConfiguration({ 'populate--': hasProgram })
    .check((given) => {
      const [name] = Object.entries(given).find(([, value]) => Number.isNaN(value)) ?? [];
      if (name !== undefined) misused(`${name.length === 1 ? '-' : '--'}${name} takes a number`, command, exitOf);
      return true;
    })
    .fail((message, error, usage) => {
      // yargs' own: an option without its value.
      if (error && error.name !== 'YError') throw error;
      if (process.argv.length > 2) misused(message, command, exitOf);
      usage.showHelp('error');
      process.exit(exitOf('usage'));
    });
}

/** `vault` asks for passwords itself, and the others read nothing that is encrypted. */
const withoutVault = new Set(['vault', 'doc', 'runs', 'testbed']);

/** True when vault passwords were given to a command that reads playbooks or inventories. */
function namesVault(command: string, given: Readonly<Record<string, unknown>>): boolean {
  if (withoutVault.has(command)) return false;
  if ((given['vault-id'] ?? given['vault-password-file'] ?? given['ask-vault-password']) !== undefined) return true;
  const { vaultIdentityList, vaultPasswordFile, askVaultPass } = settings();
  return vaultIdentityList.length > 0 || vaultPasswordFile !== undefined || askVaultPass;
}

/** Files are taken as people have them, but for `lint`, which tells of all that is odd. Throws OrchError for settings. */
function bearWithFiles(command: string): void {
  const { duplicateKeys } = settings();
  if (command === 'lint' || duplicateKeys === 'error') return;
  allowDoubledKeys((warning) => duplicateKeys === 'warn' && warn([warning]));
}

/** As in Ansible, where a person may take settings for read that are not. */
function tellDistrusted(): void {
  const { distrusted } = settings();
  if (distrusted === undefined) return;
  warn([`${distrusted} counts for nothing, since all may write to its folder: chmod o-w it, or say ANSIBLE_CONFIG`]);
}

/** Runs one command. It alone is yargs' business then, so that neither the others nor their help cost anything. */
async function run([usage, summary, load]: (typeof commands)[number], args: readonly string[]): Promise<void> {
  const [name = '', ...positionals] = usage.split(' ');
  const { arrange, options, execute, exitOf = wrongInput, hasProgram } = await load();
  const called = `orch ${name}`;
  const line = new CommandLine(options, (wrong) => misused(wrong, called, exitOf));
  const spelled = line.spellOut(arrange?.(args, line) ?? args);
  const words = hasProgram ? spelled : withPlainWords(spelled);
  await parser(words, called, { exitOf, hasProgram })
    .usage(`${['Usage: $0', ...positionals].join(' ')}\n\n${summary}`)
    .command(['$0', ...positionals].join(' '), summary, options, async (read) => {
      const given = line.lastGiven(wordsAsWritten(read));
      try {
        bearWithFiles(name);
        tellDistrusted();
        if (namesVault(name, given)) await (await import('./vault/unlock.ts')).unlock(given);
        process.exitCode = await execute(given);
      } catch (error) {
        process.exitCode = fail(error, exitOf);
      }
    })
    .parseAsync();
}

/** Help, or what is wrong with the command's name. */
async function overview(args: readonly string[]): Promise<void> {
  const [first = '-'] = args;
  if (!first.startsWith('-')) {
    const { didYouMean } = await import('./template/suggest.ts');
    const meant = didYouMean(
      first,
      commands.map(([usage]) => usage.split(' ')[0] ?? ''),
    );
    misused(`There is no command "${first}"${meant === undefined ? '' : `: ${meant}`}`, 'orch', wrongInput);
  }
  const all = parser(args, 'orch')
    .usage('Usage: $0 <command> [options]\n\nNetwork labs across several Linux hosts from one playbook.')
    .demandCommand(1, 'Name a command.');
  for (const [usage, summary] of commands) all.command(usage, summary);
  await all.parseAsync();
}

/** A connection to a host that vanished keeps its socket until TCP gives up, which takes minutes: nobody waits for it. */
async function leave(): Promise<void> {
  const written = [process.stdout, process.stderr].map((to) => new Promise((resolve) => to.write('', resolve)));
  await Promise.all(written);
  if (outputFault !== undefined) {
    const told = fail(new OrchError({ code: 'system-fault', summary: `The output is not whole: ${outputFault}.` }));
    process.exitCode ||= told;
  }
  process.exit();
}

const called = asCalled(process.argv);
// `orch help run`, as many programs have it.
const words = called[0] === 'help' ? [...called.slice(1, 2), '--help'] : called;
const [name, ...args] = words;
const command = commands.find(([usage]) => usage.split(' ')[0] === name);
(command ? run(command, args) : overview(words))
  .catch((error: unknown) => {
    process.exitCode = fail(error);
  })
  .finally(leave);
