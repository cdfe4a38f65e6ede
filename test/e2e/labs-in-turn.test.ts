import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Engine } from '../../agent/engine/engine.ts';
import { Difference_Cause as Cause } from '../../proto/gen/orch/v1/agent.ts';
import { destroyLab, engineOf, rollBackRun, runTasks } from './engine-runs.ts';
import { Hands } from './random-states/hands.ts';
import { mortal, type Order } from './random-states/mortal.ts';
import { OneNetns } from './random-states/one-netns.ts';
import { isSettled, show } from './random-states/shown.ts';
import { ip, ScratchNetns } from './scratch-netns.ts';

type Tasks = readonly Readonly<Record<string, Readonly<Record<string, unknown>>>>[];
/** `run` is the lab's name where it is left out. */
type Turn =
  | { readonly lab: string; readonly run?: string; readonly tasks: Tasks }
  /** `but`: what it says of something that is not as it was. */
  | { readonly destroy: string; readonly but?: string }
  | { readonly rollback: string; readonly run?: string; readonly but?: string | readonly string[] }
  | { readonly look: 'as found' }
  | { readonly hand: string }
  /** The agent is killed at one of its changes there, and the next one comes. */
  | { readonly killed: Order; readonly at: Deed };

type Deed = Exclude<Turn, { readonly look: string } | { readonly killed: Order }>;

/** What somebody had set up in a namespace, and what labs and hands do there until nothing of it is left. */
interface Case {
  readonly why: string;
  readonly found: readonly string[];
  /** Sysctls to look at beside all else. */
  readonly keys?: readonly string[];
  /** IPv6 is off on a link that is up, which would never be settled. */
  readonly off?: true;
  readonly turns: readonly Turn[];
}

const text = readFileSync(join(import.meta.dirname, 'labs-in-turn.yml'), 'utf8');
const cases = parse(text, { merge: true, maxAliasCount: -1 }) as readonly Case[];
const scratch = new ScratchNetns();
const folder = mkdtempSync(join(tmpdir(), 'orch-turns-'));
const hands = new Hands();
const host = new OneNetns(join(folder, 'daemons'));

afterAll(async () => {
  await hands.close();
  scratch.sweep();
  rmSync(folder, { recursive: true });
});

/** What may differ while other labs are there, and of what the kernel keeps. */
const wellBy: readonly Cause[] = [Cause.RESTORED, Cause.OTHER_LAB, Cause.KERNEL];

function inside(script: string): void {
  execFileSync('ip', ['netns', 'exec', host.netns, 'sh', '-e'], { input: script });
}

async function take(turn: Deed, engine: Engine): Promise<void> {
  const { netns } = host;
  if ('hand' in turn) return inside(turn.hand);
  if ('destroy' in turn) {
    const { failed, proof } = await destroyLab(engine, turn.destroy);
    expect(failed.filter((reason) => !/wishes it too$/.test(reason))).toEqual([]);
    const left = proof?.differences.filter(({ cause }) => !wellBy.includes(cause));
    const named = left?.map(({ object, reason }) => `${object}: ${reason}`) ?? [];
    expect([named, proof?.unread ?? []]).toEqual([
      turn.but === undefined ? [] : [expect.stringContaining(turn.but)],
      [],
    ]);
    return;
  }
  if ('rollback' in turn) {
    const failed = await rollBackRun(engine, turn.run ?? turn.rollback, turn.rollback);
    expect(failed).toEqual([turn.but ?? []].flat().map((words) => expect.stringContaining(words)));
    return;
  }
  const tasks = turn.tasks.flatMap((each) =>
    Object.entries(each).map(([module, params]) => {
      const peer = 'peer' in params && module !== 'address' ? { peer_netns: netns } : {};
      return { module, items: [{ netns, ...params, ...peer }] };
    }),
  );
  expect(await runTasks(engine, tasks, turn.run ?? turn.lab, {}, turn.lab)).toMatchObject({ failed: [] });
}

test.each(cases.map((one, at) => [one.why, { ...one, at }] as const))(
  '%s',
  async (_, { at, found, keys, off, turns }) => {
    host.netns = scratch.name(`${at}`);
    ip('netns', 'add', host.netns);
    inside(['sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0', ...found].join('\n'));
    const shown = async () => {
      if (!off) await expect.poll(() => isSettled(hands, host.netns), { timeout: 10_000 }).toBe(true);
      return show(hands, host.netns, keys ?? [], true);
    };
    const before = await shown();
    const agent = (on = host) => engineOf(on, join(folder, host.netns, 'labs'));
    let engine = agent();
    try {
      for (const turn of [...turns, { look: 'as found' } as const]) {
        if ('look' in turn) expect(await shown()).toEqual(before);
        else if ('killed' in turn) {
          await engine.stop();
          const { host: dying, died } = mortal(host, turn.killed);
          expect(await Promise.race([take(turn.at, agent(dying)), died])).toBe('died');
          engine = agent();
        } else await take(turn, engine);
      }
    } finally {
      await engine.stop();
    }
  },
);
