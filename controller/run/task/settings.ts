import { OrchError } from '../../../proto/errors.ts';
import { Float } from '../../../proto/float.ts';
import { settings as configured } from '../../config/settings.ts';
import { isMappingAt } from '../../playbook/parse/fields.ts';
import type { Common } from '../../playbook/types.ts';
import { isTemplate } from '../../playbook/values/template-check.ts';
import type { Located } from '../../source/located.ts';
import { items } from '../../source/origins.ts';
import { isOfUndefined } from '../../template/fault.ts';
import { repr, str } from '../../template/python/text.ts';
import type { HostWalk, SaidConnection } from '../state.ts';
import { knownParts } from './known-parts.ts';
import type { TaskScope } from './task-scope.ts';

/** Keywords of a task with those it inherits, evaluated. */
export interface Settings {
  readonly ignoreErrors: boolean;
  /** A host that could not be reached stays in the play. */
  readonly ignoreUnreachable: boolean;
  readonly anyErrorsFatal: boolean;
  readonly noLog: boolean;
  readonly runOnce: boolean;
  readonly check: boolean;
  readonly diff: boolean;
  /** User that commands and files belong to; undefined: who logs in. */
  readonly becomeUser: string | undefined;
  /** User that the task's remote_user names. */
  readonly remoteUser: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Host that facts and set_fact are for (delegate_facts); undefined: the task's own. */
  readonly factsOf: string | undefined;
}

/** For a task whose keywords can't be evaluated: what no_log might hide is hidden. */
export function cautiousSettings({ play }: HostWalk, chain: readonly Common[], scope: TaskScope): Settings {
  const noLog = nearest(chain, 'noLog') !== undefined;
  return {
    ignoreErrors: holds(chain, 'ignoreErrors', scope),
    ignoreUnreachable: false,
    anyErrorsFatal: holds(chain, 'anyErrorsFatal', scope, play.play.anyErrorsFatal),
    noLog,
    runOnce: false,
    check: true,
    diff: false,
    becomeUser: undefined,
    remoteUser: undefined,
    environment: {},
    timeoutMs: 0,
    factsOf: undefined,
  };
}

/** The innermost value of a keyword that blocks hand down. */
export function nearest<K extends keyof Common>(chain: readonly Common[], key: K): Common[K] | undefined {
  return chain.findLast((entry) => entry[key] !== undefined)?.[key];
}

/** Truth as Ansible's boolean keywords have it. */
export function isTrue(value: unknown): boolean {
  return typeof value === 'string'
    ? /^(y|yes|true|on|1|t)$/i.test(value.trim())
    : Boolean(value instanceof Float ? value.value : value);
}

function notConverted(value: unknown, type: string): OrchError {
  return new OrchError({
    code: 'invalid-parameter',
    summary: `The value ${repr(value)} could not be converted to '${type}'.`,
  });
}

/** The same; a text that means neither is an OrchError. */
export function truthSaid(value: unknown): boolean {
  const isText = typeof value === 'string';
  if (isText && !isTrue(value) && !/^(n|no|false|off|0|f|)$/i.test(value.trim())) throw notConverted(value, 'bool');
  return isTrue(value);
}

/** The innermost value of a keyword; one that is `omit` is as if it were not there. */
function lastSaid<K extends string>(
  entries: readonly { readonly [key in K]?: Located | undefined }[],
  key: K,
  scope: TaskScope,
): unknown {
  for (let index = entries.length - 1; index >= 0; index--) {
    const value = entries[index]?.[key];
    const result: unknown = value && scope.render(value);
    if (value && !scope.isOmitted(result)) return result;
  }
  return undefined;
}

/** A keyword's number; undefined where it is `omit`, or not there. Throws OrchError for what is none. */
export function numberSaid(value: Located | undefined, scope: TaskScope, type = 'int'): number | undefined {
  const said = lastSaid([{ value }], 'value', scope);
  return said === undefined ? undefined : numberOf(said, type);
}

function numberOf(said: unknown, type: string): number {
  const isOne = typeof said === 'string' ? said.trim() !== '' : typeof said !== 'object' || said instanceof Float;
  const number = isOne ? Number(said) : Number.NaN;
  if (Number.isNaN(number)) throw notConverted(said, type);
  return number;
}

/** Whether a flag is set; one that can't be evaluated is not. Throws Pending. */
function holds(chain: readonly Common[], key: Flag, scope: TaskScope, otherwise = false): boolean {
  try {
    return isTrue(lastSaid(chain, key, scope) ?? otherwise);
  } catch (error) {
    if (error instanceof OrchError) return false;
    throw error;
  }
}

type Flag =
  | 'ignoreErrors'
  | 'ignoreUnreachable'
  | 'anyErrorsFatal'
  | 'noLog'
  | 'runOnce'
  | 'checkMode'
  | 'diff'
  | 'delegateFacts';

/** Evaluates what is in force for a task. Throws OrchError or Pending. */
export function taskSettings(walk: HostWalk, chain: readonly Common[], scope: TaskScope): Settings {
  const { play, run } = walk.play;
  const said = (key: Flag | 'remoteUser' | 'delegateTo' | 'timeoutSeconds') => lastSaid(chain, key, scope);
  const flag = (key: Flag, otherwise = false) => {
    const value = said(key);
    return value === undefined ? otherwise : truthSaid(value);
  };
  return {
    ignoreErrors: flag('ignoreErrors'),
    ignoreUnreachable: flag('ignoreUnreachable'),
    anyErrorsFatal: flag('anyErrorsFatal', play.anyErrorsFatal),
    noLog: flag('noLog', configured().noLog),
    runOnce: flag('runOnce'),
    check: flag('checkMode', run.options.check),
    diff: flag('diff', run.options.diff),
    becomeUser: becomeUser(walk, chain, scope),
    remoteUser: textOf(said('remoteUser')),
    environment: environment(walk, chain, scope),
    timeoutMs: Math.ceil(numberOf(said('timeoutSeconds') ?? configured().taskTimeout, 'int') * 1000),
    factsOf: flag('delegateFacts') ? textOf(said('delegateTo')) : undefined,
  };
}

const textOf = (value: unknown): string | undefined => (value === undefined ? undefined : str(value));

/** Whether the playbook's `vars` around a task, or a task before it, say a variable of the host's connection. */
function isSaid({ play }: HostWalk, chain: readonly Common[], host: string, name: string): boolean {
  const inVars = [play.play.vars, ...chain.map(({ vars }) => vars)].some((vars) => vars.has(name));
  return inVars || play.run.host(host).variables.has(name);
}

/** What is said around a task of a host's connection. Throws OrchError or Pending. */
export function saidConnection(walk: HostWalk, chain: readonly Common[], host = walk.host): SaidConnection {
  const { play } = walk;
  const keyword = nearest(chain, 'connection') ?? play.play.connection;
  const hasVariable = isSaid(walk, chain, host, 'ansible_connection');
  if (!hasVariable && !isTemplate(keyword?.value)) return { keyword: keyword?.value };
  const scope = play.run.scope(play, { host, vars: chain.map(({ vars }) => vars), params: [], locals: {} });
  return {
    keyword: keyword && textOf(scope.render(keyword)),
    variable: hasVariable ? textOf(scope.variable('ansible_connection')) : undefined,
  };
}

function becomeUser(walk: HostWalk, chain: readonly Common[], scope: TaskScope): string | undefined {
  const { play, run } = walk.play;
  const becomes = [play.become, ...chain.map((entry) => entry.become)];
  const said = (key: 'become' | 'user') => lastSaid(becomes, key, scope);
  const connection = run.connectionUser(walk.host);
  const variable = (name: string) => (isSaid(walk, chain, walk.host, name) ? scope.variable(name) : undefined);
  const become = variable('ansible_become') ?? connection.become ?? said('become');
  const on = become === undefined ? run.options.become : truthSaid(become);
  if (!on) return undefined;
  const user = variable('ansible_become_user') ?? connection.becomeUser ?? said('user');
  return textOf(user) ?? run.options.becomeUser;
}

/** Whether it reads facts. */
function isGathering(entry: Common | undefined): boolean {
  return entry !== undefined && 'module' in entry && entry.module === 'setup';
}

/** The mappings of a list, or the one that is said alone. */
function partsOf(located: Located): readonly Located[] {
  const { value } = located;
  return Array.isArray(value) ? items({ ...located, value }) : [located];
}

function environment(walk: HostWalk, chain: readonly Common[], scope: TaskScope): Record<string, string> {
  const merged: Record<string, string> = {};
  const gathers = isGathering(chain.at(-1));
  const optional = (error: OrchError) => gathers || (isOfUndefined(error) && error.summary.includes('ansible_env'));
  const said = [walk.play.play.environment, ...chain.map((entry) => entry.environment)];
  for (const located of said.flatMap((each) => (each ? partsOf(each) : []))) {
    // While facts are read, none of them is known; and as in Ansible a variable may ask for `ansible_env` that no task knows.
    const value = gathers || isMappingAt(located) ? knownParts(located, scope, optional)[0] : scope.render(located);
    for (const part of Array.isArray(value) ? value : [value]) {
      if (typeof part !== 'object' || part === null) continue;
      for (const [name, text] of Object.entries(part)) merged[name] = str(text);
    }
  }
  return merged;
}
