import type { Argv } from 'yargs';
import { OrchError } from '../../proto/errors.ts';
import { Observer } from '../connect/calls/observer.ts';
import { agentStatus } from '../connect/calls/rpc.ts';
import { connect } from '../connect/connect.ts';
import type { AgentConnection, Target } from '../connect/types.ts';
import type { LabState } from '../reach/doctor/checks/check.ts';
import { registry } from '../reach/doctor/checks/registry.gen.ts';
import { examine } from '../reach/doctor/examine.ts';
import { readView } from '../reach/why/read/read-view.ts';
import type { Place } from '../reach/why/seen/evidence.ts';
import { safeJson } from '../report/clean.ts';
import { errorText } from '../report/error-text.ts';
import { createStyle } from '../report/style.ts';
import { doctorText } from '../report/why/doctor-text.ts';
import type { DoctorReport } from '../report/why/doctor-types.ts';
import { loginOptions, outputOption, reachOptions } from './given-options.ts';
import { inventoryHosts } from './inventory-targets.ts';
import { ownTerminal } from './own-terminal.ts';
import { type Args, texts } from './read-options.ts';

export function options(yargs: Argv): Argv {
  return loginOptions(reachOptions(yargs))
    .positional('hosts', { type: 'string', array: true, describe: 'Hosts or patterns; none: all of the inventory' })
    .option('output', outputOption)
    .epilogue(
      [
        'orch doctor -i inventory.yml     what will bite on these hosts, and what mends it; nothing is sent or changed',
        'Exit code 0: nothing found; 3: something was; 2: a host failed; 4: wrong input.',
      ].join('\n'),
    );
}

/** What checks are made of (names of the contract's readings). */
const readings = ['link', 'nsid', 'route', 'rule4', 'rule6', 'neighbour', 'sysctl'];

interface Looked {
  readonly places: readonly Place[];
  readonly labs: readonly LabState[];
}

/** Looks at hosts as they are, and says what will go wrong there. */
export async function execute(args: Args): Promise<number> {
  const names = texts(args.hosts);
  const limit = names.length > 0 ? names.join(',') : undefined;
  const targets = inventoryHosts({ ...args, limit }, 'HOST').map(({ target }) => target);
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  const looked = await Promise.all(targets.map((target) => lookAt(target, interrupt.signal)));
  if (interrupt.signal.aborted) return 130;
  const seen = looked.filter((one) => one !== undefined);
  const report = reportOf(
    seen.flatMap(({ places }) => places),
    seen.flatMap(({ labs }) => labs),
  );
  const terminal = ownTerminal();
  terminal.write(
    args.output === 'json'
      ? `${safeJson(report, 2)}\n`
      : doctorText(report, targets.length - seen.length, terminal.columns(), createStyle(terminal.color)),
  );
  return seen.length < targets.length ? 2 : report.findings.length > 0 ? 3 : 0;
}

function reportOf(places: readonly Place[], labs: readonly LabState[]): DoctorReport {
  const own = places.filter(({ netns }) => netns === '');
  return {
    version: 1,
    hosts: own.map(({ host }) => ({ host, namespaces: places.filter((place) => place.host === host).length - 1 })),
    checks: [...registry.keys()],
    findings: examine(places, labs),
    unread: places.flatMap(({ host, netns, unread }) =>
      unread.map((what) => `${netns === '' ? host : `${host}/${netns}`}: ${what}`),
    ),
  };
}

/** Undefined after a failure, which has been told. */
async function lookAt(target: Target, signal: AbortSignal): Promise<Looked | undefined> {
  let connection: AgentConnection | undefined;
  let observer: Observer | undefined;
  try {
    connection = await connect(target, signal);
    observer = new Observer(connection, target.timeoutMs, signal);
    const [views, status] = await Promise.all([
      observer.look({ namespaces: [], readings }),
      agentStatus(connection, '', target.timeoutMs),
    ]);
    return {
      places: views.filter(({ inode }) => inode !== 0).map((view) => readView(target.name, view)),
      labs: status.labs.map(({ name, objects, lastRun, lastExit, heldBy }) => ({
        ...{ host: target.name, lab: name, objects: objects.length, lastRun, lastExit, heldBy },
      })),
    };
  } catch (error) {
    if (!(error instanceof OrchError)) throw error;
    if (!signal.aborted) process.stderr.write(`${errorText(error)}\n`);
    return undefined;
  } finally {
    observer?.close();
    await connection?.close();
  }
}
