import type { OrchError } from '../../proto/errors.ts';
import { settings } from '../config/settings.ts';
import { askedText, askLine, canAsk } from '../connect/asking/prompt.ts';
import { startLog } from '../log.ts';
import { createPrinter } from '../report/run/printer.ts';
import { Totals } from '../report/run/totals.ts';
import type { ExitCode, RunEvent } from '../report/types.ts';
import { factCache } from '../run/hosts/fact-cache.ts';
import { HostStates } from '../run/hosts/host-states.ts';
import { Interrupt, onInterrupt } from '../run/hosts/interrupt.ts';
import { asksVars, askVars } from '../run/input/ask-vars.ts';
import {
  collected,
  type Input,
  loadInputs,
  refuse,
  type Selection,
  selectInputs,
  unmatchedWarnings,
} from '../run/input/input.ts';
import { inventorySources } from '../run/input/inventory-sources.ts';
import { listing } from '../run/input/listing.ts';
import { namedPlaybook } from '../run/input/named-playbook.ts';
import { type PreparedRun, prepareRun } from '../run/input/prepare.ts';
import { worstExit } from '../run/outcomes.ts';
import { Steps } from '../run/walk/steps.ts';
import { enabledCallbacks } from './callbacks.ts';
import type { CommandFile } from './command.ts';
import { runOptions } from './given-options.ts';
import { logFile } from './log-file.ts';
import { configLine, printerOf } from './printers.ts';
import type { Args } from './read-options.ts';
import { writeRetryFile } from './retry-file.ts';
import { type RunCommandOptions, readRunOptions } from './run-options.ts';
import { runPrepared } from './run-prepared.ts';
import { warn } from './warn.ts';

export const options = runOptions;

/** `--confirm lab.yml`: the number may be left out, and what follows is no number then. */
export const arrange: NonNullable<CommandFile['arrange']> = (words, line) => {
  const isConfirm = (word: string) => word.startsWith('--') && line.wholeName(word.slice(2)) === 'confirm';
  return words.map((word, at) => (isConfirm(word) && !/^\d/.test(words[at + 1] ?? '') ? '--confirm=' : word));
};

/** Runs playbooks: once, or with --watch until a person leaves. */
export async function execute(args: Args): Promise<number> {
  const command = readRunOptions(args);
  await startLog(command.verbosity);
  tellIgnored();
  if (!command.watch) return runOnce(command, new Interrupt());
  const { runAgain } = await import('./run-again.ts');
  return runAgain((interrupt) => runOnce(command, interrupt));
}

/**
 * Runs playbooks one after the other, each with what those before it have learned of hosts; nothing is contacted before all of
 * them, and all they name, are known to be good.
 */
async function runOnce(command: RunCommandOptions, interrupt: Interrupt): Promise<number> {
  const errors: OrchError[] = [];
  const isRun = !command.syntaxCheck && command.list.length === 0;
  const loaded = load(command, errors);
  const inputs = await answered(loaded, isRun);
  const selected = selectInputs(inputs, selectionOf(command), errors);
  refuse(errors);
  warn(inputs[0]?.warnings ?? []);
  const steps = command.step ? new Steps(askLine, interrupt) : undefined;
  const states = new HostStates(factCache(command.flushCache));
  const runs = selected.map((input) => prepareRun(input, { ...command, steps, states }, errors));
  refuse(errors);

  if (command.output === 'text' && command.verbosity > 0) process.stdout.write(configLine(settings().file));
  if (!isRun) {
    const what = command.syntaxCheck ? [] : command.list;
    warn(selected.flatMap(unmatchedWarnings));
    process.stdout.write(selected.map((input) => listing(input, what)).join(''));
    return 0;
  }
  const release = onInterrupt(interrupt);
  try {
    return await runInTurn(runs, command, interrupt);
  } finally {
    release();
  }
}

/** Reads the playbooks with all they name. Throws OrchErrors. */
function load(command: RunCommandOptions, errors: OrchError[]): readonly Input[] {
  const inventories = inventorySources(command.inventories);
  const files = command.playbooks.map((written) => collected(() => namedPlaybook(written), written, errors));
  refuse(errors);
  const inputs = loadInputs(files, inventories, command.extraVars, errors);
  refuse(errors);
  return inputs;
}

/** The same with what a person answers to vars_prompt, who is only asked for a run. */
async function answered(inputs: readonly Input[], isRun: boolean): Promise<readonly Input[]> {
  const ask = isRun && canAsk() ? askedText : undefined;
  const all: Input[] = [];
  for (const input of inputs) {
    if (isRun && !ask && asksVars(input.playbook, input.extraVars)) {
      warn(['Not prompting as we are not in interactive mode']);
    }
    all.push({ ...input, playbook: await askVars(input.playbook, input.extraVars, ask) });
  }
  return all;
}

/** Runs one playbook after the other; gives the worst of their exit codes. */
async function runInTurn(
  runs: readonly PreparedRun[],
  command: RunCommandOptions,
  interrupt: Interrupt,
): Promise<ExitCode> {
  let exit: ExitCode = 0;
  const totals = new Totals();
  const isText = command.output === 'text';
  const people = isText ? process.stdout : process.stderr;
  const callbacks = enabledCallbacks(settings(), (text) => people.write(text));
  for (const prepared of runs) {
    // As in Ansible: what failed hosts would have to do is not begun.
    if (interrupt.stopping || exit === 2) break;
    const print = printerOf(settings().stdoutCallback, command);
    const log = logOf(command);
    const tell = (told: RunEvent) => {
      const event = isText ? totals.of(told) : told;
      print(event);
      log?.(event);
      for (const callback of callbacks) callback(event);
      const hint = event.type === 'run-end' && writeRetryFile(prepared.input.playbook.file, event.report, settings());
      if (hint && isText) process.stdout.write(`\t${hint}\n`);
    };
    exit = worstExit(exit, await runPrepared(prepared, command, interrupt, tell));
  }
  return exit;
}

/** What writes the run to the file that the settings name. */
function logOf({ verbosity }: RunCommandOptions): ((event: RunEvent) => void) | undefined {
  const { logPath, resultFormat: format, diffContext: context } = settings();
  return logPath === undefined
    ? undefined
    : createPrinter({ output: 'text', verbosity, format, context, terminal: logFile(logPath) });
}

/** Says which settings do nothing here. */
function tellIgnored(): void {
  const { file, ignored } = settings();
  if (ignored.length === 0) return;
  const read = file === undefined ? '' : ` (${file})`;
  warn([`orch does not go by ${ignored.join(', ')}${read}`]);
}

/** What of the playbooks is run, or listed. */
export function selectionOf(
  command: Pick<RunCommandOptions, 'list' | 'tags' | 'skipTags' | 'limit' | 'startAtTask'>,
): Selection {
  // As in Ansible, tags are listed of what only runs when it is asked for, too, unless tags are chosen.
  const everything = command.list.includes('tags') && command.tags.length === 0 && command.skipTags.length === 0;
  return {
    tags: { only: everything ? ['all', 'never'] : command.tags, skip: command.skipTags },
    limit: command.limit,
    // As there: what is listed is the whole playbook.
    startAtTask: command.list.length > 0 ? undefined : command.startAtTask,
  };
}
