import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Argv } from 'yargs';
import { OrchError, OrchErrors } from '../../proto/errors.ts';
import { ownUser } from '../../proto/own-user.ts';
import { catalog } from '../catalog.ts';
import { settings } from '../config/settings.ts';
import { type Asked, type Chosen, consoleWords, promptOf, readLine } from '../console/session.ts';
import { startLog } from '../log.ts';
import { stateDir } from '../paths.ts';
import { Context } from '../playbook/parse/context.ts';
import { errorText } from '../report/error-text.ts';
import { createHostPrinter } from '../report/run/host-result.ts';
import { Interrupt, onInterrupt } from '../run/hosts/interrupt.ts';
import type { SelectedInput } from '../run/input/input.ts';
import { parseDeps } from '../run/input/parse-deps.ts';
import { hideSecrets } from '../vault/secret-texts.ts';
import { adHocFile, adHocInput, runAdHoc } from './ad-hoc.ts';
import { execute as tellModule } from './doc.ts';
import { hostOptions } from './given-options.ts';
import { type RunCommandOptions, readPlaybookDir, readRunOptions } from './run-options.ts';

export function options(yargs: Argv): Argv {
  return hostOptions(yargs)
    .positional('pattern', { type: 'string', default: 'all', describe: 'Hosts: names, groups, patterns' })
    .options({
      'playbook-dir': { type: 'string', describe: 'Folder whose files, modules and group_vars/ count' },
      'task-timeout': { type: 'number', default: 0, describe: 'Seconds that a task may take' },
      diff: { alias: 'D', type: 'boolean', describe: 'Show what changes' },
    })
    .epilogue(
      'Modules on hosts, line by line; `help` lists what else a line may be. From a pipe it reads without a prompt.',
    );
}

/** Lines that a terminal's next console remembers. */
const mostHistory = 1000;

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function noHost(pattern: string): OrchError {
  return new OrchError({
    code: 'unknown-host',
    summary: `The pattern "${pattern}" means no host.`,
    hint: '`list groups` shows the groups.',
  });
}

function helpText(): string {
  return Object.entries(consoleWords)
    .map(([words, meaning]) => `  ${words.padEnd(18)}${meaning}`)
    .join('\n');
}

/** Tells what was wrong with a line, which ends no console; rethrows defects. Gives the exit code. */
function tell(error: unknown): number {
  const errors = error instanceof OrchErrors ? error.errors : error instanceof OrchError ? [error] : undefined;
  if (errors === undefined) throw error;
  process.stderr.write(`${hideSecrets(errors.map(errorText).join('\n'))}\n`);
  return 4;
}

/** One console: what was chosen, and the hosts that it means. */
class Console {
  readonly #command: RunCommandOptions;
  readonly #playbookDir: string;
  #chosen: Chosen;
  #hosts: readonly string[];

  /** Throws OrchErrors where the pattern means no host. */
  constructor(command: RunCommandOptions, playbookDir: string, chosen: Chosen) {
    this.#command = command;
    this.#playbookDir = playbookDir;
    this.#chosen = chosen;
    this.#hosts = this.#hostsOf(this.#input(chosen.pattern));
  }

  get prompt(): string {
    return promptOf(this.#chosen, this.#command.reach.user ?? ownUser(), this.#hosts.length);
  }

  /** Whether a word names a module here. */
  readonly isModule = (word: string): boolean =>
    new Context(parseDeps(), [adHocFile(this.#playbookDir)]).module(word) !== undefined;

  /** What may follow what is typed: names of modules first, of hosts and groups behind `cd`. */
  readonly complete = (line: string): [string[], string] => {
    const start = /^(cd\s+)?\S*$/.exec(line);
    if (start === null) return [[], line];
    const typed = line.slice(start[1]?.length ?? 0);
    const { inventory } = this.#input('all');
    const first = [...Object.keys(consoleWords).map((words) => words.replace(/ .*/, '')), ...catalog.keys()];
    const names = start[1] === undefined ? first : [...inventory.groups.keys(), ...inventory.hosts.keys()];
    return [names.filter((name) => name.startsWith(typed)).sort(), typed];
  };

  /** Does what a line asks for; gives the exit code that a command of its own would have. */
  async obey(asked: Exclude<Asked, { do: 'exit' }>): Promise<number> {
    if (asked.do === 'say') print(asked.text);
    else if (asked.do === 'help') {
      if (asked.about !== '') return tellModule({ module: asked.about, output: 'text' });
      print(helpText());
    } else if (asked.do === 'list') {
      const { groups } = this.#input('all').inventory;
      print((asked.what === 'hosts' ? this.#hosts : [...groups.keys()]).join('\n'));
    } else if (asked.do === 'choose') {
      const { pattern } = asked.chosen;
      if (pattern !== undefined) {
        const hosts = this.#hostsOf(this.#input(pattern));
        if (hosts.length === 0) throw noHost(pattern);
        this.#hosts = hosts;
      }
      this.#chosen = { ...this.#chosen, ...asked.chosen };
    } else if (asked.do === 'run') return this.#run(asked.module, asked.args);
    return 0;
  }

  #input(pattern: string, module = 'ping', args = ''): SelectedInput {
    const { timeout } = this.#chosen;
    const keywords = timeout > 0 ? { timeout } : {};
    return adHocInput(this.#command, this.#playbookDir, { pattern, module, args, keywords });
  }

  #hostsOf({ plays }: SelectedInput): readonly string[] {
    return plays.flatMap(({ hosts }) => hosts);
  }

  async #run(module: string, args: string): Promise<number> {
    const { pattern, become, becomeUser, remoteUser, check, diff, verbosity } = this.#chosen;
    const reach = { ...this.#command.reach, become, becomeUser, user: remoteUser ?? this.#command.reach.user };
    const command = { ...this.#command, reach, check, diff, verbosity };
    const interrupt = new Interrupt();
    const release = onInterrupt(interrupt);
    try {
      const { resultFormat: format, diffContext: context } = settings();
      const printer = createHostPrinter(
        (text) => process.stdout.write(text),
        (text) => process.stderr.write(text),
        { format, context },
      );
      return await runAdHoc(this.#input(pattern, module, args), command, interrupt, printer);
    } finally {
      release();
    }
  }
}

function historyFile(): string {
  return join(stateDir(), 'console-history');
}

/** Newest first, as readline has it. */
function readHistory(): string[] {
  try {
    return readFileSync(historyFile(), 'utf8').split('\n').filter(Boolean).reverse();
  } catch {
    return [];
  }
}

function keepHistory(newestFirst: readonly string[]): void {
  mkdirSync(dirname(historyFile()), { recursive: true, mode: 0o700 });
  const lines = newestFirst.slice(0, mostHistory).toReversed();
  writeFileSync(historyFile(), lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
}

/** Line by line on a terminal, with a prompt and a memory, or from whatever else standard input is. */
function linesOn(terminal: boolean, { complete }: Console): Interface {
  const { stdin: input, stdout: output } = process;
  if (!terminal) return createInterface({ input });
  const history = readHistory();
  const lines = createInterface({ input, output, history, historySize: mostHistory, completer: complete });
  lines.on('history', keepHistory);
  // What was typed is thrown away; the console stays.
  lines.on('SIGINT', () => {
    lines.write(null, { ctrl: true, name: 'u' });
    output.write('\n');
    lines.prompt();
  });
  return lines;
}

/** Reads lines to their end. Gives 0 on a terminal, else the worst exit code of the lines. */
export async function execute(args: Readonly<Record<string, unknown>>): Promise<number> {
  const command = readRunOptions(args);
  await startLog(command.verbosity);
  const { check, diff, verbosity, reach } = command;
  const { become, becomeUser } = reach;
  const chosen = { become, becomeUser, remoteUser: undefined, check, diff, verbosity };
  const timeout = Number(args.taskTimeout);
  const console = new Console(command, readPlaybookDir(args.playbookDir), {
    ...chosen,
    timeout,
    pattern: String(args.pattern),
  });
  const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const lines = linesOn(terminal, console);
  /** While a line is carried out keys are the terminal's own, so that Ctrl-C is a signal. */
  const hearKeys = (raw: boolean) => terminal && process.stdin.setRawMode(raw);
  const ask = () => {
    if (!terminal) return;
    lines.setPrompt(console.prompt);
    lines.prompt();
  };
  let worst = 0;
  ask();
  for await (const line of lines) {
    const asked = readLine(line, console.isModule);
    if (asked.do === 'exit') break;
    hearKeys(false);
    worst = Math.max(worst, await console.obey(asked).catch(tell));
    hearKeys(true);
    ask();
  }
  lines.close();
  return terminal ? 0 : worst;
}
