import { expect, test } from 'vitest';
import { type HostStatus, statusText } from '../../controller/report/status-text.ts';
import { createStyle } from '../../controller/report/style.ts';

const objects = Array.from({ length: 8 }, (_, i) => `link ns0${i}/ipvlan${i}`);
const hosts: readonly HostStatus[] = [
  {
    host: 'vm01',
    state: 'serving',
    agent: {
      version: '0.1.0',
      mode: 'transient',
      transport: 'tls',
      uptimeMs: 185_000,
      rssBytes: 52_428_800,
      kernel: '6.12.48',
      node: 'v20.19.2',
    },
    labs: [],
    daemons: [],
  },
  {
    host: 'vm02',
    state: 'serving',
    agent: {
      version: '0.1.0',
      mode: 'service',
      transport: 'tunnel',
      uptimeMs: 4000,
      rssBytes: 60_000_000,
      kernel: '6.1.0\u001b[31m',
      node: 'v20.19.2',
    },
    labs: [
      { lab: 'seed', objects, lastRun: '20261124T064803.000Z-seed', lastExit: 3, heldBy: 'ann@desk:42' },
      { lab: 'other', objects: [], lastRun: '', lastExit: 0, heldBy: '' },
    ],
    daemons: [
      { name: 'ns01/web', phase: 'running', pid: 77, uptimeMs: 61_000, restarts: 2, ended: 'by SIGKILL' },
      { name: 'bird', phase: 'failed', pid: 0, uptimeMs: 0, restarts: 5, ended: 'with status 1' },
    ],
  },
  { host: 'vm03', state: 'absent', labs: [], daemons: [] },
  { host: 'vm04', state: 'other-version', labs: [], daemons: [] },
  {
    host: 'r5',
    state: 'unreachable',
    labs: [],
    daemons: [],
    failure: { code: 'host-unreachable', summary: 'No TCP connection.', hint: 'Try ssh.' },
  },
];

test('every host has its lines', () => {
  expect(statusText(hosts, false, createStyle(false)).split('\n')).toEqual([
    'HOST  AGENT            UPTIME      MEMORY  BY      KERNEL',
    'vm01  0.1.0 transient  3 min 05 s  50 MB   tls     6.12.48',
    '  no lab owns anything',
    'vm02  0.1.0 service    4.00 s      57 MB   tunnel  6.1.0',
    '  lab seed: owns 8 objects; last run 20261124T064803.000Z-seed, exit 3, held by ann@desk:42',
    ...objects.slice(0, 6).map((object) => `    ${object}`),
    '    and 2 more (-v shows all)',
    '  lab other: owns nothing; no run ended yet',
    '  daemon ns01/web: running, pid 77, up 1 min 01 s, 2 restarts, ended last by SIGKILL',
    '  daemon bird: failed, 5 restarts, ended last with status 1',
    'vm03  no agent: nothing of orch is there, or it was never used',
    'vm04  an agent of another version serves; the next run replaces it',
    'r5    unreachable: No TCP connection. [host-unreachable]',
    '  hint: Try ssh.',
    '',
    '2 of 5 agents serving',
    '',
  ]);
});

test('-v shows all objects', () => {
  expect(statusText(hosts, true, createStyle(false))).toContain(`    ${objects[7]}\n`);
});

test('a run that only some hosts kept is told of, while it is the last one there', () => {
  const [, serving] = hosts;
  if (serving === undefined) throw new Error('no such host');
  const ended = (host: string, kept: boolean, lastRun: string): HostStatus => ({
    ...{ ...serving, host, daemons: [] },
    labs: [{ lab: 'a', objects: [], lastRun, lastExit: 0, heldBy: '', settled: { run: 'r1', kept, reason: '' } }],
  });
  const told = (...all: readonly HostStatus[]) => statusText(all, false, createStyle(false)).split('\n').slice(-3, -2);
  expect(told(ended('vm03', true, 'r1'), ended('vm01', true, 'r1'), ended('vm02', false, 'r1'))).toEqual([
    'run r1 was kept on vm01, vm03 and taken back on vm02: take it back everywhere with `orch rollback r1`, or run the playbook again',
  ]);
  expect(told(ended('vm01', true, 'r1'), ended('vm02', false, 'r2'))).toEqual(['']);
});

test('a lab that was brought back after the start of its host says so, and what failed', () => {
  const restored = { whenMs: Date.UTC(2026, 10, 27, 14), ok: 1, changed: 5, failed: ['route (lab.yml:9:7): no link'] };
  const lab = { lab: 'seed', objects: [], lastRun: 'start', lastExit: 2, heldBy: '', restored };
  expect(
    statusText([{ host: 'vm02', state: 'serving', labs: [lab], daemons: [] }], false, createStyle(false)),
  ).toContain(
    '    the host was started anew, and its agent brought the lab back at 2026-11-27T14:00:00.000Z: 6 of 7 tasks, 5 changed; failed: route (lab.yml:9:7): no link\n',
  );
});
