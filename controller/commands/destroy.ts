import type { Argv } from 'yargs';
import { OrchError } from '../../proto/errors.ts';
import { Difference_Cause as Cause, type Proof } from '../../proto/gen/orch/v1/agent.ts';
import { destroyOn } from '../connect/calls/destroy.ts';
import { connect } from '../connect/connect.ts';
import type { Target } from '../connect/types.ts';
import { hostOf } from '../inventory/select-hosts.ts';
import { startLog } from '../log.ts';
import { runsDir } from '../paths.ts';
import { hostsOfLab } from '../record/lab-hosts.ts';
import { safeJson } from '../report/clean.ts';
import { type DestroyReport, destroyedText, type HostDestroyed, type Undone } from '../report/destroy-text.ts';
import type { DifferenceCause, HostProof } from '../report/proof-text.ts';
import { createStyle } from '../report/style.ts';
import { failureOf } from '../run/failure.ts';
import { holder } from '../run/hosts/agents.ts';
import { Interrupt, onInterrupt } from '../run/hosts/interrupt.ts';
import { loadInput, refuse, type SelectedInput, selectInput } from '../run/input/input.ts';
import { inventorySources } from '../run/input/inventory-sources.ts';
import { prepareRun } from '../run/input/prepare.ts';
import { hostOptions } from './given-options.ts';
import { findLab, namedLab, type Reach } from './named-lab.ts';
import { ownTerminal } from './own-terminal.ts';
import type { Args } from './read-options.ts';
import { type RunCommandOptions, readRunOptions } from './run-options.ts';
import { undoExit, undoneOf } from './undone.ts';
import { warn } from './warn.ts';

export function options(yargs: Argv): Argv {
  return hostOptions(yargs)
    .positional('playbook', { type: 'string', describe: 'The lab that this file describes' })
    .describe('wait', 'Seconds to queue behind a run of the same lab (default 0)')
    .option('lab', { type: 'string', describe: 'The lab of this name in place of a playbook, on all hosts' })
    .epilogue('orch destroy --lab orch-do     what `orch do` and `orch console` did');
}

/** A lab, and the hosts that it is taken back on. */
interface Doomed {
  readonly lab: string;
  readonly inventory: string;
  readonly targets: readonly Target[];
  /** Asks all of them first, and says how each is reached then. */
  readonly find?: (signal: AbortSignal) => Promise<Reach>;
}

/** Takes back what a lab did on its hosts, and says what was left and why. */
export async function execute(args: Args): Promise<number> {
  const command = readRunOptions(args);
  await startLog(command.verbosity);
  const { lab, inventory, targets, find } = args.lab === undefined ? ofPlaybook(command) : ofLab(command, args);
  const terminal = ownTerminal();
  const style = createStyle(terminal.color);
  const interrupt = new Interrupt();
  const release = onInterrupt(interrupt);
  const reach = (await find?.(interrupt.signal)) ?? connect;
  if (command.output === 'text') terminal.write(`lab ${lab}: destroy on ${inventory}\n\n`);
  const destroyed = await Promise.all(
    targets.map(async (target) => {
      const result = await destroyHost(
        target,
        { lab, run: '', holder: holder(), check: command.check, waitMs: (command.waitSeconds ?? 0) * 1000 },
        interrupt,
        reach,
      );
      if (command.output === 'text') terminal.write(destroyedText(result, command.check, style));
      return result;
    }),
  );
  release();
  const report: DestroyReport = {
    version: 1,
    lab,
    check: command.check,
    exit: undoExit(destroyed, interrupt),
    hosts: destroyed,
  };
  if (command.output === 'json') terminal.write(`${safeJson(report, 2)}\n`);
  return report.exit;
}

function ofLab(command: RunCommandOptions, args: Args): Doomed {
  if (command.playbooks.length > 0) {
    throw new OrchError({
      code: 'invalid-option',
      summary: '--lab names a lab in place of a playbook, not beside one.',
    });
  }
  const named = namedLab(args);
  const { lab, targets } = named;
  warn(named.gone.map(staysThere));
  const inventory = inventorySources(command.inventories).join(', ') || 'localhost';
  return { lab, inventory, targets, find: (signal) => findLab(named, signal) };
}

function ofPlaybook(command: RunCommandOptions): Doomed {
  const errors: OrchError[] = [];
  const [file] = command.playbooks;
  if (file === undefined) {
    throw new OrchError({ code: 'invalid-option', summary: 'Name a playbook, or a lab by --lab.' });
  }
  const loaded = loadInput(file, inventorySources(command.inventories), command.extraVars, errors);
  // What tasks are made of is nothing to an undo: patterns and connections are rendered below.
  const wrong = errors.splice(0).filter(({ code }) => code !== 'undefined-variable');
  refuse([...wrong, ...loaded.missing]);
  const selection = { tags: { only: [], skip: [] }, limit: command.limit, startAtTask: undefined };
  const { input, gone } = withFormerHosts(selectInput(loaded, selection, errors), command.limit !== undefined);
  const { target } = prepareRun(input, command, errors);
  const hosts = [...new Set(input.plays.flatMap((play) => play.hosts))];
  // A host that was taken out of the inventory keeps the others' from nothing.
  const unknown = errors.filter(({ code }) => code === 'unknown-host');
  refuse(hosts.length === 0 ? errors : errors.filter((error) => !unknown.includes(error)));
  warn([...unknown.map(({ summary }) => `${summary}: nothing is taken back there`), ...gone.map(staysThere)]);
  return { lab: input.playbook.lab, inventory: input.inventory.source, targets: hosts.map(target) };
}

function staysThere(host: string): string {
  return `a recorded run was on ${host} too, which the inventory does not have: what it made there stays`;
}

/**
 * Adds the hosts that a recorded run of the lab worked on, which the playbook may no longer name. `gone`: those that the
 * inventory no longer has.
 */
function withFormerHosts(
  input: SelectedInput,
  limited: boolean,
): { readonly input: SelectedInput; readonly gone: readonly string[] } {
  const [first] = input.playbook.plays;
  if (limited || !first) return { input, gone: [] };
  const all = hostsOfLab(runsDir(), input.playbook.lab);
  const former = all.filter((host) => hostOf(input.inventory, host));
  return {
    input: { ...input, plays: [...input.plays, { play: first, hosts: former }] },
    gone: all.filter((host) => !former.includes(host)),
  };
}

type Request = Parameters<typeof destroyOn>[1];

async function destroyHost(
  target: Target,
  request: Request,
  interrupt: Interrupt,
  reach: Reach,
): Promise<HostDestroyed> {
  const host = target.name;
  const objects: Undone[] = [];
  let proof: HostProof | undefined;
  try {
    const connection = await reach(target, interrupt.signal);
    if (connection === undefined) return { host, objects };
    try {
      for await (const response of destroyOn(connection, request, interrupt.cancelled)) {
        if (response.proof !== undefined) proof = proofOf(response.proof);
        else objects.push(undoneOf(response));
      }
    } finally {
      await connection.close();
    }
    return { host, objects, proof };
  } catch (error) {
    if (!(error instanceof OrchError)) throw error;
    return { host, objects, proof, failure: failureOf(error) };
  }
}

const causes: Readonly<Record<number, DifferenceCause>> = {
  [Cause.LAB]: 'lab',
  [Cause.RESTORED]: 'restored',
  [Cause.OTHER_LAB]: 'other-lab',
  [Cause.KERNEL]: 'kernel',
  [Cause.SOMEONE]: 'someone',
};

function proofOf({ compared, differences, unread, missing }: Proof): HostProof {
  const told = differences.map(({ cause, ...difference }) => ({ ...difference, cause: causes[cause] ?? 'lab' }));
  const proved = missing === '' && told.every(({ cause }) => cause !== 'lab');
  return { proved, compared, differences: told, unread, missing: missing === '' ? undefined : missing };
}
