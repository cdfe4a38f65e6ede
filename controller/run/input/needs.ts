import type { TaskNeed } from '../../../agent/modules/module.ts';
import { registry } from '../../../agent/modules/registry.gen.ts';
import { type Need, needText } from '../../../agent/modules/shared/need-text.ts';
import { type FilePlace, OrchError } from '../../../proto/errors.ts';
import { exactJson } from '../../../proto/exact-json.ts';
import type { Lack } from '../../../proto/gen/orch/v1/agent.ts';
import { registry as actions } from '../../actions/registry.gen.ts';
import type { Common, Entry, Task } from '../../playbook/types.ts';
import { Pending } from '../signals.ts';
import type { RunContext, ScopedPlay } from '../state.ts';
import { eachItem } from '../task/items.ts';
import { nearest } from '../task/settings.ts';
import { differingParams, hiddenParams, type Params, renderedParams } from '../task/task-params.ts';
import { skipped } from '../task/task-run.ts';
import type { TaskScope } from '../task/task-scope.ts';
import type { SelectedPlay } from './play-hosts.ts';

/** Something that a host must have, and the first task that needs it. */
export interface HostNeed extends Need {
  /** The module and its parameter: "bridge: fdb_max_learned". */
  readonly asked: string;
  readonly at: FilePlace;
}

/** Modules whose tasks may bring a program or load a module of the kernel. */
const bringing = new Set([
  ...['command', 'shell', 'raw', 'script', 'expect', 'apt', 'package', 'pip', 'git', 'unarchive', 'get_url', 'uri'],
  ...['copy', 'template', 'assemble', 'file', 'alternatives', 'modprobe', 'reboot'],
]);

/** What such a task may bring. */
const brought = new Set<string>(['program', 'module', 'loadable', 'sysctl'] satisfies Need['what'][]);

/** What is included is not known yet. */
function brings(entry: Entry): boolean {
  if (entry.kind === 'task') return (entry.custom ?? entry.plugin) !== undefined || bringing.has(entry.module);
  return entry.kind === 'include' || [...entry.block, ...entry.rescue, ...entry.always].some(brings);
}

/**
 * What plays are known to need of a host before they have begun, each once for a parameter: of tasks whose conditions and parameters don't
 * hang on what the run will find. Tasks that may fail, being rescued or ignored, are left to their turn, as are those that
 * other hosts are asked to do; the agent refuses them then. So are programs and modules of the kernel behind tasks that may bring
 * them.
 */
export function knownNeeds(
  plays: readonly SelectedPlay[],
  host: string,
  scope: RunContext['scope'],
): readonly HostNeed[] {
  const found = new Map<string, HostNeed>();
  let mayCome = false;
  const visit = (entry: Entry, chain: readonly Common[], play: ScopedPlay): void => {
    const whole = [...chain, entry];
    if (entry.kind === 'task') {
      for (const need of needsOf(entry, whole, host, play, scope)) {
        const key = `${need.asked} ${need.what} ${need.which}`;
        if (!found.has(key) && !(mayCome && brought.has(need.what))) found.set(key, need);
      }
    } else if (entry.kind === 'block' && entry.rescue.length === 0) {
      for (const inner of [...entry.block, ...entry.always]) visit(inner, whole, play);
    }
    mayCome ||= brings(entry);
  };
  for (const { play, hosts } of plays) {
    if (!hosts.includes(host)) continue;
    const scoped: ScopedPlay = { play, name: play.name ?? play.hosts.value, hosts, batch: hosts };
    for (const entry of play.entries) visit(entry, play.around, scoped);
  }
  return [...found.values()];
}

function needsOf(
  task: Task,
  chain: readonly Common[],
  host: string,
  play: ScopedPlay,
  scopeOf: RunContext['scope'],
): readonly HostNeed[] {
  const module = (task.custom ?? task.plugin) ? undefined : registry.get(task.module);
  if (module?.form !== 'converge' || module.needs === undefined || actions.has(task.module)) return [];
  const elsewhere = (['ignoreErrors', 'delegateTo', 'runOnce'] as const).some((key) => nearest(chain, key));
  if (elsewhere || task.failedWhen !== undefined) return [];
  try {
    const scope = scopeOf(play, { host, vars: chain.map(({ vars }) => vars), params: [], locals: {} });
    return needsOfItems(task, chain, scope, module.needs).map(({ option, ...need }) => ({
      ...need,
      asked: option === undefined ? task.module : `${task.module}: ${option}`,
      at: option === undefined ? task.at : task.args.origin.place([...task.args.path, option]),
    }));
  } catch (error) {
    // What can't be told yet is told when the task's turn comes, as are mistakes.
    if (error instanceof Pending || error instanceof OrchError) return [];
    throw error;
  }
}

/** What items need. Of those that give the same to all parameters that `needs` reads, one is asked for. */
function needsOfItems(
  task: Task,
  chain: readonly Common[],
  taskScope: TaskScope,
  needs: (params: Params) => readonly TaskNeed[],
): readonly TaskNeed[] {
  const found: TaskNeed[] = [];
  const read = new Set<string>();
  const asked = new Set<string>();
  for (const { scope } of eachItem({ task, scope: taskScope })) {
    const differing = differingParams(task, read);
    if (asked.size > 0 && differing.length === 0) break;
    if (skipped({ chain }, scope) !== undefined) continue;
    const given = exactJson(renderedParams(task, scope, differing));
    if (asked.has(given)) continue;
    asked.add(given);
    const params = hiddenParams(task, scope);
    if (params !== undefined) found.push(...needs(noting(params, read)));
  }
  return found;
}

/** The same parameters, which note the names of those that are looked at. */
function noting(params: Params, read: Set<string>): Params {
  return new Proxy(params, {
    get: (target, name, receiver) => {
      read.add(String(name));
      return Reflect.get(target, name, receiver);
    },
    has: (target, name) => {
      read.add(String(name));
      return Reflect.has(target, name);
    },
    ownKeys: (target) => {
      for (const name of Object.keys(target)) read.add(name);
      return Reflect.ownKeys(target);
    },
  });
}

/** What a host lacks, each with the task that needs it. */
export function lackError(host: string, needs: readonly HostNeed[], lacks: readonly Lack[]): OrchError {
  const known = lacks.flatMap(({ need, has }) => {
    const needed = needs[need];
    if (needed === undefined) return [];
    return [{ at: needed.at, text: `${needed.asked} needs ${needText(needed)}, and ${host} has ${has}.` }];
  });
  const [first, ...more] = known;
  return new OrchError({
    code: 'unsupported-by-host',
    summary: first?.text ?? `${host} lacks what the run needs.`,
    detail: more.length === 0 ? undefined : more.map(({ at, text }) => `${at.file}:${at.line}: ${text}`).join('\n'),
    hint: `Nothing was changed on ${host}. Leave it out there (when), or use a host that has it.`,
    where: first?.at ?? { host },
  });
}
