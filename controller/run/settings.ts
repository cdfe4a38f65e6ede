import { Float } from '../../proto/float.ts';
import type { Common } from '../playbook/types.ts';
import type { Located } from '../source/located.ts';
import type { HostWalk } from './state.ts';
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
export function cautiousSettings(chain: readonly Common[]): Settings {
  const noLog = nearest(chain, 'noLog') !== undefined;
  return {
    ignoreErrors: false,
    ignoreUnreachable: false,
    anyErrorsFatal: false,
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

/** Evaluates what is in force for a task. Throws OrchError or Pending. */
export function taskSettings(walk: HostWalk, chain: readonly Common[], scope: TaskScope): Settings {
  const { options } = walk.play.run;
  const flag = (value: Located | undefined, otherwise: boolean) => (value ? isTrue(scope.render(value)) : otherwise);
  return {
    ignoreErrors: flag(nearest(chain, 'ignoreErrors'), false),
    ignoreUnreachable: flag(nearest(chain, 'ignoreUnreachable'), false),
    anyErrorsFatal: flag(nearest(chain, 'anyErrorsFatal'), false),
    noLog: flag(nearest(chain, 'noLog'), false),
    runOnce: flag(nearest(chain, 'runOnce'), false),
    check: flag(nearest(chain, 'checkMode'), options.check),
    diff: flag(nearest(chain, 'diff'), options.diff),
    becomeUser: becomeUser(walk, chain, scope),
    remoteUser: rendered(nearest(chain, 'remoteUser'), scope),
    environment: environment(walk, chain, scope),
    timeoutMs: timeoutMs(nearest(chain, 'timeoutSeconds'), scope),
    factsOf: flag(nearest(chain, 'delegateFacts'), false) ? rendered(nearest(chain, 'delegateTo'), scope) : undefined,
  };
}

function timeoutMs(seconds: Located | undefined, scope: TaskScope): number {
  return seconds ? Math.ceil(Number(scope.render(seconds)) * 1000) : 0;
}

function rendered(text: Located<string> | undefined, scope: TaskScope): string | undefined {
  return text && String(scope.render(text));
}

/** The `connection` that the playbook says for what is in `chain`. */
export function connectionKeyword({ play }: HostWalk, chain: readonly Common[]): string | undefined {
  return (nearest(chain, 'connection') ?? play.play.connection)?.value;
}

function becomeUser(walk: HostWalk, chain: readonly Common[], scope: TaskScope): string | undefined {
  const { play, run } = walk.play;
  const becomes = [play.become, ...chain.map((entry) => entry.become)];
  const become = becomes.findLast((entry) => entry.become !== undefined)?.become;
  const user = becomes.findLast((entry) => entry.user !== undefined)?.user;
  const connection = run.connectionUser(walk.host);
  const on = connection.become ?? (become ? isTrue(scope.render(become)) : run.options.become);
  return on ? (connection.becomeUser ?? (user ? String(scope.render(user)) : run.options.becomeUser)) : undefined;
}

function environment(walk: HostWalk, chain: readonly Common[], scope: TaskScope): Record<string, string> {
  const merged: Record<string, string> = {};
  for (const located of [walk.play.play.environment, ...chain.map((entry) => entry.environment)]) {
    if (!located) continue;
    const value = scope.render(located);
    for (const part of Array.isArray(value) ? value : [value]) {
      if (typeof part !== 'object' || part === null) continue;
      for (const [name, text] of Object.entries(part)) merged[name] = String(text);
    }
  }
  return merged;
}
