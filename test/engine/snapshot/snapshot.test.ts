import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Evidence, explain } from '../../../agent/engine/snapshot/causes.ts';
import { compareHosts, differenceName } from '../../../agent/engine/snapshot/compare.ts';
import { sidesOf } from '../../../agent/engine/snapshot/difference-text.ts';
import { inOrder, restoring } from '../../../agent/engine/snapshot/restore.ts';
import { risksOf } from '../../../agent/engine/snapshot/risks.ts';
import { Snapshot } from '../../../agent/engine/snapshot/snapshot.ts';
import { type HostState, sections } from '../../../agent/engine/snapshot/state.ts';
import { fromStored } from '../../../agent/engine/snapshot/stored-state.ts';
import { describeActions } from '../../../agent/engine/steps/describe.ts';
import { prove, sameSysctls } from '../../../agent/engine/undo/prove.ts';
import type { ActingHost } from '../../../agent/linux/acting-host.ts';
import type { Action } from '../../../agent/linux/action.ts';
import type { Step } from '../../../agent/modules/module.ts';
import { OrchError } from '../../../proto/errors.ts';
import { type Given, hostOf, sysctls, turnsDuring } from './given.ts';

/** Rows are as ip, tc and nft printed them on Linux 6.12 and 6.18. */
interface Case {
  before: Given;
  /** Before the inverses; as `now` when it is left out. */
  found?: Given;
  now: Given;
  /** What the lab did, as words of `ip` or as actions. */
  did?: (string | Action)[];
  /** Inverses that were carried out. */
  undone?: (string | Action)[];
  otherLab?: (string | Action)[];
  /** Routes that came with addresses of the lab. */
  networks?: Evidence['networks'];
  /** "cause name: before -> after" */
  differences: string[];
  /** What brings back what is the lab's doing. */
  restored?: string[];
}

function actionOf(said: string | Action): Action {
  return typeof said === 'string' ? { op: 'ip', args: said.split(' ') } : said;
}

test.each(readdirSync(import.meta.dirname).filter((name) => name.endsWith('.yml')))('%s', async (file) => {
  const given = parse(readFileSync(join(import.meta.dirname, file), 'utf8')) as Case;
  const { before, now, found = now, did = [], undone = [], otherLab = [], networks = [] } = given;
  const known = new Set([...sections, 'sysctls']);
  for (const state of [before, now, found]) expect(Object.keys(state).filter((key) => !known.has(key))).toEqual([]);
  const explained = await explain(hostOf(now), {
    before: hostOf(before),
    found: hostOf(found),
    risks: did.map(actionOf).flatMap(risksOf),
    remainders: [],
    undone: undone.map(actionOf),
    otherLabs: [{ lab: 'other', actions: otherLab.map(actionOf) }],
    missing: [],
    networks,
  });
  const lines = explained.map(({ difference, cause }) => {
    const sides = sidesOf(difference);
    return `${cause.kind} ${differenceName(difference)}: ${sides.before} -> ${sides.after}`;
  });
  expect(lines).toEqual(given.differences);
  const lost = explained.filter(({ cause }) => cause.kind === 'lab').map(({ difference }) => difference);
  expect(inOrder(lost).map((difference) => describeActions(restoring(difference)))).toEqual(given.restored ?? []);
});

test('a link is lost by the lab that removed the namespace which it had moved it to', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'orch-snapshot-'));
  const [end, far] = [
    { ifname: 'd1', link: 'd2' },
    { ifname: 'd2', link: 'd1' },
  ];
  const before = hostOf({ links: [end, far] });
  const back: Action = { op: 'ip', netns: 'ns1', args: ['link', 'set', 'dev', 'd1', 'netns', '/proc/self/ns/net'] };
  const up: Action = { op: 'ip', args: ['link', 'set', 'dev', 'd1', 'up'] };
  const changes = [up, back].map((action) => ({ boot: 'boot', undo: [action] }));
  const snapshot = new Snapshot(join(folder, 'lab'), 'boot');
  await snapshot.replace(before);
  const removal: Step = { object: 'netns ns1', action: { op: 'netns-delete', name: 'ns1' }, undo: [], removes: true };
  await snapshot.cover([removal], {} as ActingHost, { changes, has: () => true });
  const { risks, state } = new Snapshot(join(folder, 'lab'), 'boot');
  rmSync(folder, { recursive: true });
  const remainders = [{ undo: [up], failed: false, reason: 'it is gone' }];
  const evidence = {
    before: state,
    found: hostOf({}),
    remainders,
    undone: [],
    otherLabs: [],
    missing: [],
    networks: [],
  };
  const causes = async (of: typeof risks) =>
    (await explain(hostOf({}), { ...evidence, risks: of })).map(({ cause }) => cause.kind);
  expect(await causes(risks)).toEqual(['lab', 'lab']);
  expect(await causes([])).toEqual(['someone', 'someone']);
});

test('links that are removed while a proof goes on take their settings along', () => {
  const ens34 = { ifindex: 2, ifname: 'ens34', flags: ['UP'], mtu: 1500 };
  const bond0 = { ifindex: 3, ifname: 'bond0', flags: [], mtu: 1500 };
  const settings = { 'net/ipv4/conf/ens34/rp_filter': '0', 'net/ipv4/ip_forward': '0' };
  const earlier = hostOf({ links: [ens34, bond0], sysctls: { ...settings, 'net/ipv4/conf/bond0/rp_filter': '0' } });
  expect(sameSysctls(earlier, hostOf({ links: [ens34] }))).toEqual(hostOf({ links: [ens34], sysctls: settings }));
});

test('states of thousands of things are compared while the agent answers others', async () => {
  const [before, now] = [hostOf({ sysctls: sysctls('0', 5000) }), hostOf({ sysctls: sysctls('1', 5000) })];
  const explaining = explain(now, {
    before,
    found: now,
    risks: [],
    remainders: [],
    undone: [],
    otherLabs: [],
    missing: [],
    networks: [],
  });
  expect(await turnsDuring(explaining)).toBeGreaterThan(40);
  expect(await explaining).toHaveLength(5000);
});

test('what the lab took along is brought back while the agent answers others', async () => {
  const before = hostOf({ sysctls: sysctls('0', 300) });
  const applied: Action[] = [];
  const tried: number[] = [];
  const host = {
    ip: async () => ({ rows: [], missing: false }),
    exec: async ({ argv }: { argv: readonly string[] }) => ({
      stdout: argv[0] === 'grep' ? grepped(applied.length === 0 ? '1' : '0') : '',
      ...{ stderr: '', status: 0, timedOut: false },
    }),
    ...{ stat: async () => undefined, readFile: async () => Buffer.from('6.12.0') },
    apply: async (action: Action) => void applied.push(action),
  } as unknown as ActingHost;
  const grepped = (value: string) =>
    Object.entries(sysctls(value, 300))
      .map(([key, text]) => `/proc/sys/${key}:${text}\n`)
      .join('');
  const proving = prove(
    { before, found: before, risks: [], remainders: [], undone: [], otherLabs: [], missing: [], networks: [] },
    host,
    { putOff: [], tryAgain: async () => void tried.push(applied.length) },
  );
  expect(await turnsDuring(proving)).toBeGreaterThan(300);
  expect(applied).toHaveLength(300);
  expect(tried).toEqual([300]);
  expect(await proving).toMatchObject({ whole: true });
});

test('what has the name of a link that could not be brought back is left as it is', async () => {
  const v1 = { ifindex: 7, ifname: 'v1', flags: ['UP'], mtu: 1400, link: 'v2', address: '02:00:00:00:00:01' };
  const v2 = { ifindex: 8, ifname: 'v2', flags: ['UP'], mtu: 1400, link: 'v1', address: '02:00:00:00:00:02' };
  const theirs = { ifindex: 9, ifname: 'v1', flags: [], mtu: 1500, address: '02:00:00:00:00:03' };
  const before = hostOf({ links: [v1, v2] });
  const now = [theirs, { ...v2, link: undefined }];
  const applied: Action[] = [];
  const host = {
    ip: async (words: readonly string[]) => ({ rows: words.join(' ') === 'address show' ? now : [], missing: false }),
    exec: async () => ({ stdout: '', stderr: '', status: 0, timedOut: false }),
    ...{ stat: async () => undefined, readFile: async () => Buffer.from('6.12.0') },
    apply: async (action: Action) => void applied.push(action),
  } as unknown as ActingHost;
  const undo: Action = { op: 'ip', netns: 'ns1', args: ['link', 'set', 'dev', 'v1', 'netns', '/proc/self/ns/net'] };
  const remainders = [{ undo: [undo], failed: true, reason: 'File exists' }];
  const evidence = { before, found: hostOf({}), risks: risksOf(undo), remainders, undone: [], otherLabs: [] };
  const { proof, whole } = await prove({ ...evidence, missing: [{ name: 'v1' }], networks: [] }, host, {
    putOff: [],
    tryAgain: async () => undefined,
  });
  expect(applied).toEqual([]);
  expect(whole).toBe(false);
  expect(proof.differences.map(({ object, cause, reason }) => [object, cause, reason])).toEqual([
    ['link v1', 1, 'v1 has not come back yet'],
    ['link v2', 1, 'v1 has not come back yet'],
  ]);
});

test('what a port had of a bridge that is gone is given to it in no other one', async () => {
  const linkinfo = (cost: number) => ({ info_slave_kind: 'bridge', info_slave_data: { cost } });
  const v0 = { ifindex: 7, ifname: 'v0', flags: ['UP'], mtu: 1500, master: 'br0', linkinfo: linkinfo(7) };
  const br9 = { ifindex: 9, ifname: 'br9', flags: ['UP'], mtu: 1500, linkinfo: { info_kind: 'bridge' } };
  const now = [{ ...v0, mtu: 1400, master: 'br9', linkinfo: linkinfo(2) }, br9];
  const vlans = (vlan: number) => [{ ifname: 'v0', vlans: [{ vlan }] }];
  const applied: string[] = [];
  const host = {
    ip: async (words: readonly string[]) => ({ rows: words.join(' ') === 'address show' ? now : [], missing: false }),
    exec: async ({ argv }: { readonly argv: readonly string[] }) => {
      const stdout = argv.includes('vlan') ? JSON.stringify(vlans(1)) : '';
      return { stdout, stderr: '', status: 0, timedOut: false };
    },
    ...{ stat: async () => undefined, readFile: async () => Buffer.from('6.12.0') },
    apply: async ({ args }: { readonly args: readonly string[] }) => {
      if (args.includes('br0')) throw new OrchError({ code: 'missing-object', summary: 'no br0' });
      applied.push(args.join(' '));
    },
  } as unknown as ActingHost;
  const undo = [actionOf('link set dev v0 mtu 1500')];
  const evidence = {
    before: hostOf({ links: [v0, br9], 'bridge vlans': [{ dev: 'v0', vlans: [{ vlan: 20 }], self: false }] }),
    found: hostOf({}),
    risks: [],
    undone: [],
    otherLabs: [],
  };
  const remainders = [{ undo, failed: true, reason: 'no' }];
  await prove({ ...evidence, remainders, missing: [], networks: [] }, host, {
    putOff: [],
    tryAgain: async () => undefined,
  });
  expect(new Set(applied)).toEqual(new Set(['link set dev v0 mtu 1500']));
});

test('names that are parts of every object of JavaScript are names like others', async () => {
  const named = (...names: string[]) =>
    fromStored({ rows: { links: names.map((ifname) => ({ ifname })) }, sysctls: {}, unread: {} });
  const [one, other] = [named('eth0'), named('eth0', 'constructor')];
  const before: HostState = Object.fromEntries([
    ['', other],
    ['__proto__', one],
  ]);
  const { differences } = await compareHosts(before, { '': one });
  expect(differences.map(differenceName)).toEqual(['link constructor', 'netns __proto__']);
  expect((await compareHosts({ '': one }, { '': other })).differences.map(differenceName)).toEqual([
    'link constructor',
  ]);
});
