import type { Argv } from 'yargs';
import { OrchError } from '../../proto/errors.ts';
import { type Settings, settings } from '../config/settings.ts';
import { startLog } from '../log.ts';
import { canonicalName } from '../playbook/catalog/catalog.ts';
import { createHostPrinter } from '../report/run/host-result.ts';
import { Interrupt, onInterrupt } from '../run/hosts/interrupt.ts';
import { unmatchedWarnings } from '../run/input/input.ts';
import { type AdHoc, adHocInput, leftToHosts, runAdHoc } from './ad-hoc.ts';
import { enabledCallbacks } from './callbacks.ts';
import type { CommandFile } from './command.ts';
import { hostOptions } from './given-options.ts';
import { logFile } from './log-file.ts';
import { configLine, printerOf } from './printers.ts';
import { pathText } from './read-options.ts';
import { readPlaybookDir, readRunOptions } from './run-options.ts';
import { treeWriter } from './tree-writer.ts';
import { warn } from './warn.ts';

/** Options as ansible has them. */
export function options(yargs: Argv): Argv {
  return hostOptions(yargs)
    .positional('pattern', { type: 'string', demandOption: true, describe: 'Hosts: names, groups, patterns' })
    .options({
      'module-name': { alias: 'm', type: 'string', describe: 'Module (default command)' },
      args: { alias: 'a', type: 'string', describe: 'Its parameters: key=value, free text or JSON' },
      'playbook-dir': { type: 'string', describe: 'Folder whose files, roles and group_vars/ count' },
      background: { alias: 'B', type: 'number', describe: 'Run it as a job, for at most so many seconds' },
      poll: { alias: 'P', type: 'number', describe: 'With --background: seconds between two looks; 0: none' },
      'task-timeout': { type: 'number', describe: 'Seconds that it may take' },
      'one-line': { alias: 'o', type: 'boolean', describe: 'A line for each host' },
      tree: { alias: 't', type: 'string', describe: "Folder that gets a file of each host's result" },
      diff: { alias: 'D', type: 'boolean', describe: 'Show what changes' },
      'list-hosts': { type: 'boolean', describe: 'Print the hosts, and end' },
    });
}

/** What the one task is wrong in, which ansible finds when it runs it. */
const ofTheTask: ReadonlySet<string> = new Set([
  ...['unknown-module', 'unknown-parameter', 'invalid-parameter'],
  ...['template-syntax', 'template-error', 'undefined-variable'],
]);

/** As ansible ends. */
export const exitOf: NonNullable<CommandFile['exitOf']> = (code) => {
  if (code === 'usage' || ofTheTask.has(code)) return 2;
  if (code === 'unknown-host' || code === 'file-not-found' || code === 'vault') return 1;
  return code === 'invalid-option' ? 5 : 4;
};

type Args = Readonly<Record<string, unknown>>;

/** Modules that do nothing without a text. */
const needText: ReadonlySet<string> = new Set(['command', 'shell', 'script', 'raw']);

function adHocOf(args: Args): AdHoc {
  const said = settings();
  const timeout = args.taskTimeout === undefined ? {} : { timeout: Number(args.taskTimeout) };
  const job =
    args.background === undefined
      ? {}
      : { async: Number(args.background), poll: Number(args.poll ?? said.pollInterval) };
  const pattern = String(args.pattern);
  // Where hosts are only listed nothing is run.
  if (args.listHosts === true) return { pattern, module: 'ping', args: '', keywords: {} };
  const module = String(args.moduleName ?? said.moduleName);
  const given = String(args.args ?? said.moduleArgs);
  if (needText.has(canonicalName(module)) && given.trim() === '')
    throw new OrchError({ code: 'invalid-option', summary: `No argument passed to ${module} module` });
  if (canonicalName(module) === 'import_playbook')
    throw new OrchError({
      code: 'invalid-option',
      summary: `'${module}' is not a valid action for ad-hoc commands`,
      hint: '`orch run` runs playbooks.',
    });
  return { pattern, module, args: given, keywords: { ...leftToHosts, ...timeout, ...job } };
}

/** What prints the results: `minimal`, unless the settings let callbacks count for one module, too, and name one. */
export function callbackOf(said: Pick<Settings, 'loadCallbacks' | 'stdoutCallback'>, oneLine: boolean): string {
  if (oneLine) return 'oneline';
  return said.loadCallbacks && said.stdoutCallback !== 'default' ? said.stdoutCallback : 'minimal';
}

/** Runs one module on hosts, and prints what each says. As ansible it ends with 4 where one could not be reached, and else with 2 where one failed. */
export async function execute(args: Args): Promise<number> {
  const command = readRunOptions(args);
  await startLog(command.verbosity);
  const input = adHocInput(command, readPlaybookDir(args.playbookDir), adHocOf(args));
  const hosts = input.plays.flatMap((play) => play.hosts);
  if (hosts.length === 0 && command.limit !== undefined && input.inventory.hosts.size > 0) {
    throw new OrchError({
      code: 'unknown-host',
      summary: 'Specified inventory, host pattern and/or --limit leaves us with no hosts to target.',
      hint: '`orch do PATTERN --list-hosts` shows the hosts of a pattern.',
    });
  }
  const isListed = command.list.includes('hosts');
  const isNothing = hosts.length === 0;
  // A run says it by itself.
  const unmatched = isListed || isNothing ? unmatchedWarnings(input) : [];
  // Where there are none at all that has been said.
  const nothing = isNothing && input.inventory.hosts.size > 0 ? ['No hosts matched, nothing to do'] : [];
  warn([...input.warnings, ...unmatched, ...nothing]);
  const said = settings();
  if (command.verbosity > 0) process.stdout.write(configLine(said.file));
  if (isListed) process.stdout.write(`  hosts (${hosts.length}):\n${hosts.map((host) => `    ${host}\n`).join('')}`);
  if (isListed || isNothing) return 0;
  const { logPath, resultFormat: format, diffContext: context } = said;
  const callback = callbackOf(said, args.oneLine === true);
  const print = printerOf(callback, command);
  const callbacks = said.loadCallbacks ? enabledCallbacks(said, (text) => process.stdout.write(text)) : [];
  const { write } = logPath === undefined ? {} : logFile(logPath);
  const log = write && createHostPrinter(write, write, { format, context });
  const tree = pathText(args.tree);
  const keep = tree === undefined ? () => undefined : treeWriter(tree);
  const interrupt = new Interrupt();
  const release = onInterrupt(interrupt);
  try {
    let isLost = false;
    const exit = await runAdHoc(input, command, interrupt, (event) => {
      if (event.type === 'run-end')
        isLost = Object.values(event.report.hosts).some(({ unreachable }) => unreachable > 0);
      print(event);
      log?.(event);
      keep(event);
      for (const hear of callbacks) hear(event);
    });
    return isLost && exit === 2 ? 4 : exit;
  } finally {
    release();
  }
}
