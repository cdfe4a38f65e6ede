import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test, vi } from 'vitest';
import { Engine } from '../../agent/engine/engine.ts';
import { RunSession } from '../../agent/engine/run/run-session.ts';
import {
  ConfirmRequest_Phase as Phase,
  type RunResponse,
  ConfirmResponse_State as State,
} from '../../proto/gen/orch/v1/agent.ts';
import { task } from '../rpc/tasks.ts';
import { FakeHost } from './fake-host.ts';
import { fakeModules } from './fake-modules.ts';

const scratch = mkdtempSync(join(tmpdir(), 'orch-confirming-'));
afterAll(() => rmSync(scratch, { recursive: true }));
let benches = 0;

class Bench {
  readonly host = new FakeHost({ sysctls: { a: '0' } });
  readonly heard: NonNullable<RunResponse['message']>['$case'][] = [];
  armed = 0;
  private readonly folder = join(scratch, String(++benches));
  engine = this.start('boot-1');

  start(boot: string): Engine {
    const at = (name: string) => join(this.folder, name);
    this.engine = new Engine({
      ...{ host: this.host, modules: fakeModules, boot, onArmed: () => this.armed++ },
      ...{ labsDir: at('labs'), journalsDir: at('journals'), checkpointsDir: at('checkpoints') },
    });
    this.engine.resume();
    return this.engine;
  }

  /** The time of the run that waits is over for whoever reads of it next. */
  passTime(): void {
    const path = join(this.folder, 'checkpoints', 'lab.armed');
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), deadlineMs: 0 }));
  }

  async open(confirmS: number, run = 'r1', sink?: Parameters<RunSession['attach']>[0]): Promise<RunSession> {
    const precautions = { confirmS, ways: [] };
    const session = await this.engine.open({ lab: 'lab', run, holder: 'me', waitMs: 0, precautions });
    if (!(session instanceof RunSession)) throw new Error(session.heldBy);
    const hear = (responses: readonly RunResponse[]) => {
      for (const { message } of responses) if (message) this.heard.push(message.$case);
    };
    session.attach(sink ?? { send: hear, end: () => undefined, full: false }, 0);
    return session;
  }

  /** A run that sets a to 1. */
  async run(confirmS: number): Promise<void> {
    const session = await this.open(confirmS);
    session.add(task(1, 'setting', [{ key: 'a', value: '1' }]));
    await session.close({ exit: 0, summaryJson: '{}' });
  }

  async confirm(phase: Phase): Promise<State> {
    return (await this.engine.confirm({ lab: 'lab', run: 'r1', phase })).state;
  }

  /** Waits until what had to be confirmed is over. */
  async settled(): Promise<{ kept: boolean; reason: string; a: string | undefined }> {
    while (this.lab()?.settled === undefined || this.lab()?.checkpoint !== undefined) await sleep(5);
    const { kept = false, reason = '' } = this.lab()?.settled ?? {};
    return { kept, reason, a: this.host.sysctls.get('a') };
  }

  lab() {
    return this.engine.status('lab')[0];
  }
}

const back = (seconds: number) => ({ kept: false, reason: `it was not confirmed within ${seconds} s`, a: '0' });

test('a run that nobody confirms is taken back; its lab is held until then', async () => {
  const bench = new Bench();
  await bench.run(1);
  expect(bench.host.sysctls.get('a')).toBe('1');
  expect(bench.armed).toBe(1);
  expect(bench.lab()?.checkpoint?.run).toBe('r1');
  const other = await bench.engine.open({ lab: 'lab', run: 'r2', holder: 'you', waitMs: 0 });
  expect('heldBy' in other && other.heldBy).toMatch(
    /^me, whose run r1 is taken back in [01] s unless it is confirmed$/,
  );
  expect(await bench.settled()).toEqual(back(1));
  expect(bench.heard.slice(-2)).toEqual(['closed', 'takenBack']);
  expect(bench.heard).toContain('armed');
  expect(bench.lab()?.heldBy).toBe('');
  expect(await bench.confirm(Phase.PREPARE)).toBe(State.TAKEN_BACK);
});

test('both phases keep it; it can still be taken back by hand', async () => {
  const bench = new Bench();
  await bench.run(30);
  expect(await bench.confirm(Phase.COMMIT)).toBe(State.READY);
  expect(await bench.confirm(Phase.PREPARE)).toBe(State.READY);
  expect(await bench.confirm(Phase.COMMIT)).toBe(State.KEPT);
  expect(await bench.settled()).toEqual({ kept: true, reason: '', a: '1' });
  expect(await bench.confirm(Phase.COMMIT)).toBe(State.KEPT);
  const request = { lab: 'lab', runs: ['r1'], holder: 'me', check: false, waitMs: 0 };
  for await (const _ of bench.engine.rollback(request, () => false));
  expect(bench.host.sysctls.get('a')).toBe('0');
});

test('a controller that is lost between the phases keeps nothing', async () => {
  const bench = new Bench();
  await bench.run(1);
  expect(await bench.confirm(Phase.PREPARE)).toBe(State.READY);
  expect(await bench.settled()).toEqual(back(1));
});

test('a run at work is not ready; when its time is over it ends, and what it had done is taken back', async () => {
  const bench = new Bench();
  const session = await bench.open(1);
  session.add(task(1, 'setting', [{ key: 'a', value: '1' }]));
  session.add(task(2, 'forever', [{}]));
  while (bench.lab()?.checkpoint === undefined) await sleep(5);
  expect(await bench.confirm(Phase.PREPARE)).toBe(State.BUSY);
  session.extend();
  expect(await bench.settled()).toEqual(back(1));
  expect(bench.heard.at(-1)).toBe('takenBack');
});

test('the next agent takes it back once its time is over, and that of before a reboot is', async () => {
  const bench = new Bench();
  await bench.run(3600);
  bench.passTime();
  bench.start('boot-1');
  expect(bench.armed).toBe(2);
  expect(bench.lab()?.heldBy).toBe('me');
  expect(await bench.settled()).toEqual(back(3600));

  const after = new Bench();
  await after.run(3600);
  after.start('boot-2');
  // What the old kernel held is gone with it.
  expect(await after.settled()).toEqual({ ...back(3600), a: '1' });
});

test('how the last run ended is known until there was another; a check is none', async () => {
  const bench = new Bench();
  await bench.run(0.1);
  await bench.settled();
  expect(bench.engine.lastSettled('lab')).toMatchObject({ run: 'r1', kept: false });
  const check = await bench.open(0, 'r2');
  check.add({ ...task(1, 'setting', [{ key: 'a', value: '1' }]), check: true });
  await check.close({ exit: 0, summaryJson: '{}' });
  expect(bench.engine.lastSettled('lab')).toMatchObject({ run: 'r1', kept: false });
  await (await bench.open(0, 'r3')).close({ exit: 0, summaryJson: '{}' });
  expect(bench.engine.lastSettled('lab')).toBeUndefined();
});

test('an agent that is told to end takes it back first', async () => {
  const bench = new Bench();
  await bench.run(3600);
  await bench.engine.stop();
  expect(bench.host.sysctls.get('a')).toBe('0');
});

test('a run that changes nothing needs no word', async () => {
  const bench = new Bench();
  const session = await bench.open(3600);
  session.add(task(1, 'setting', [{ key: 'a', value: '0' }]));
  await session.close({ exit: 0, summaryJson: '{}' });
  expect(bench.lab()?.checkpoint).toBeUndefined();
  expect(await bench.confirm(Phase.PREPARE)).toBe(State.NONE);
});

test('a run that takes the lab from one whose controller is gone can be taken back', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    const bench = new Bench();
    const sink = { send: () => undefined, end: () => undefined, full: false };
    const left = await bench.open(0, 'r0', sink);
    left.detach(sink);
    vi.advanceTimersByTime(2000);
    await bench.run(0);
    expect(bench.lab()?.runs).toEqual([{ run: 'r1', changes: 1 }]);
    expect(left.ended).toBe(true);
    const request = { lab: 'lab', runs: ['r1'], holder: 'me', check: false, waitMs: 0 };
    for await (const _ of bench.engine.rollback(request, () => false));
    expect(bench.host.sysctls.get('a')).toBe('0');
  } finally {
    vi.useRealTimers();
  }
});
