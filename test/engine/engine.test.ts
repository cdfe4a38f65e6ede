import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { notKept } from '../../agent/engine/disk/kept-file.ts';
import { LedgerFile } from '../../agent/engine/disk/ledger-file.ts';
import { Engine } from '../../agent/engine/engine.ts';
import { RunSession } from '../../agent/engine/run/run-session.ts';
import { OrchError } from '../../proto/errors.ts';
import {
  Difference_Cause as Cause,
  type Need,
  DestroyResponse_Outcome as Outcome,
  type Proof,
  type RunResponse,
  Status,
  type Task,
} from '../../proto/gen/orch/v1/agent.ts';
import { task } from '../rpc/tasks.ts';
import { FakeHost, type FakeState } from './fake-host.ts';
import { fakeModules } from './fake-modules.ts';

interface TaskCase extends Partial<Omit<Task, 'items'>> {
  do: string;
  with?: unknown;
  items?: unknown[];
}

interface Stage {
  /** Tasks of one run, and what is heard of it. */
  run?: { lab?: string; needs?: Need[]; confirm?: number; tasks: TaskCase[]; heard: string[] };
  /** `until`: whoever asked for it is gone after so many words. */
  destroy?: { lab?: string; check?: boolean; until?: number; heard: string[] };
  /** Newest first. `full`: the disk takes nothing meanwhile. */
  rollback?: { lab?: string; runs: string[]; check?: boolean; until?: number; full?: boolean; heard: string[] };
  /** Someone else's hand on the host. */
  meanwhile?: FakeState;
  /**
   * The agent starts anew; `boot`: after the host did; `forget`: without this file of its state; `unmarked`: having died before
   * it marked links in ns1 of this file of its state as moved.
   */
  restart?: { boot?: string; forget?: string; unmarked?: string };
  /** What is there when the host is started anew. */
  starting?: FakeState;
  /** Labs that the agent brings back then. */
  broughtBack?: string[];
  /** Whether an agent is started with the host from now on. */
  starts?: boolean;
  /** What each lab owns. */
  owns?: Record<string, string[]>;
  host?: FakeState;
  /** Actions carried out in this stage, in ip's words. */
  did?: string[];
  files?: string[];
}

const here = import.meta.dirname;
const scratch = mkdtempSync(join(tmpdir(), 'orch-engine-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const statusNames = new Map<number, string>(Object.entries(Status).map(([name, value]) => [value, name.toLowerCase()]));
const outcomeNames = new Map<number, string>(
  Object.entries(Outcome).map(([name, value]) => [value, name.toLowerCase()]),
);

/** One line for each thing that the controller hears, without what changes from run to run. */
function heard({ message }: RunResponse): string[] {
  switch (message?.$case) {
    case 'itemDone': {
      const { task, item, status, diagnostic, diff } = message.value;
      const places =
        diagnostic?.code === 'lab-conflict' && diagnostic.detail ? ` (${diagnostic.detail.replace('\n', ', ')})` : '';
      const why = diagnostic === undefined ? '' : ` ${diagnostic.code}: ${diagnostic.summary}${places}`;
      const change = diff === undefined ? '' : ` [${diff.before.trim()} -> ${diff.after.trim()}]`;
      return [`${task}.${item} ${statusNames.get(status)}${why}${change}`];
    }
    case 'taskDone':
      return [`${message.value.task} ${statusNames.get(message.value.status)}`];
    case 'dropped':
      return [`dropped ${message.value.tasks.join(' ')}`];
    case 'output':
      return [`${message.value.task}.${message.value.item} said ${message.value.chunk}`];
    default:
      return [];
  }
}

/** One line for each difference with its cause, then what is proved. */
function proven({ differences, missing }: Proof): string[] {
  if (missing !== '') return [`not proved: ${missing}`];
  const causes = Object.keys(Cause);
  const lines = differences.map(({ object, before, after, cause, reason }) => {
    return `${causes[cause]?.toLowerCase()} ${object}: ${before} -> ${after}: ${reason}`;
  });
  return [...lines, differences.some(({ cause }) => cause === Cause.LAB) ? 'not proved' : 'proved'];
}

class Bench {
  readonly host: FakeHost;
  readonly labsDir: string;
  /** As the engine asked for last. */
  starts = false;
  private engine: Engine;
  private runs = 0;

  constructor(state: FakeState, labsDir: string) {
    this.host = new FakeHost(state);
    this.labsDir = labsDir;
    this.engine = this.start('boot-1');
  }

  start(boot: string): Engine {
    const { host, labsDir } = this;
    const [journalsDir, checkpointsDir] = [`${labsDir}-journals`, `${labsDir}-checkpoints`];
    const want = (wanted: boolean) => {
      this.starts = wanted;
    };
    const boots = { problem: undefined, want };
    this.engine = new Engine({ host, modules: fakeModules, labsDir, journalsDir, checkpointsDir, boot, boots });
    return this.engine;
  }

  async run(lab: string, cases: readonly TaskCase[], all: Need[], confirmS: number): Promise<string[]> {
    const lines: string[] = [];
    const open = {
      lab,
      run: `run-${++this.runs}`,
      holder: 'me',
      waitMs: 0,
      needs: { all },
      precautions: { confirmS, ways: [] },
    };
    const session = await this.engine.open(open);
    if (!(session instanceof RunSession)) {
      const { heldBy, lacks } = session;
      return lacks === undefined ? [`held by ${heldBy}`] : lacks.all.map(({ need, has }) => `lacks ${need}: ${has}`);
    }
    session.attach(
      { send: (responses) => lines.push(...responses.flatMap(heard)), end: () => undefined, full: false },
      0,
    );
    for (const [at, { do: module, with: params = {}, items = [params], ...fields }] of cases.entries()) {
      session.add(task(at + 1, module, items, { diff: false, ...fields }));
    }
    await session.close({ exit: 0, summaryJson: '{}' });
    return lines;
  }

  async destroy(lab: string, check: boolean, until: number): Promise<string[]> {
    const lines: string[] = [];
    const request = { lab, run: 'd', holder: 'me', check, waitMs: 0 };
    try {
      for await (const { object, outcome, reason, proof } of this.engine.destroy(request, () => false)) {
        if (proof !== undefined) lines.push(...proven(proof));
        else lines.push(`${outcomeNames.get(outcome)} ${object}${reason === '' ? '' : `: ${reason}`}`);
        if (lines.length >= until) break;
      }
    } catch (error) {
      lines.push(refusal(error));
    }
    return lines;
  }

  async rollback(lab: string, runs: readonly string[], check: boolean, until: number): Promise<string[]> {
    const request = { lab, runs: [...runs], holder: 'me', check, waitMs: 0 };
    const lines: string[] = [];
    try {
      for await (const { run, change } of this.engine.rollback(request, () => false)) {
        const reason = change?.reason ? `: ${change.reason}` : '';
        lines.push(`${run} ${outcomeNames.get(change?.outcome ?? -1)} ${change?.object}${reason}`);
        if (lines.length >= until) break;
      }
    } catch (error) {
      lines.push(refusal(error));
    }
    return lines;
  }

  async broughtBack(): Promise<string[]> {
    const lines: string[] = [];
    await this.engine.bringBack((lab, { ok, changed, failed }) => {
      lines.push([`${lab}: ${ok} ok, ${changed} changed`, ...failed].join(', '));
    });
    return lines;
  }

  owns(lab: string): readonly string[] {
    return this.engine.status(lab)[0]?.objects ?? [];
  }
}

function refusal(error: unknown): string {
  if (!(error instanceof OrchError)) throw error;
  return `refused ${error.code}: ${error.summary}`;
}

function meddle(host: FakeHost, state: FakeState): void {
  for (const name of state.netns ?? []) host.makeNetns(name);
  for (const [name, value] of Object.entries(state.sysctls ?? {})) host.sysctls.set(name, value);
  for (const [name, value] of Object.entries(state.links ?? {})) host.links.set(name, value);
  for (const [name, value] of Object.entries(state.files ?? {})) host.files.set(name, value);
}

/** As an agent leaves the file that dies before it has marked links in ns1 as made or moved: without their indices. */
function unmark(path: string): void {
  const lines = readFileSync(path, 'utf8').split('\n');
  const isMove = (line: string) => line.includes('"object":"link ns1/');
  const moves = lines.filter(isMove).map((line) => JSON.parse(line).entry.seq);
  const isMark = (line: string) => line.startsWith('{"r":"done"') && moves.includes(JSON.parse(line).seq);
  writeFileSync(path, lines.filter((line) => !isMark(line)).join('\n'));
}

/** Links are taken away together as a group of any number. */
function worded(action: string): string {
  const { op, netns = '', args = [], name = '', key = '', value = '' } = JSON.parse(action);
  const words = [netns && `-n ${netns}`, ...(op === 'ip' ? args : [op, name, key, value])];
  return words
    .filter(Boolean)
    .join(' ')
    .replace(/group \d+/, 'group N');
}

/** Nothing more can be written down, until what is returned is called. */
function fillDisk(): () => void {
  const refuse = () => {
    throw notKept('ledger', 'lab.ndjson', Object.assign(new Error('no space'), { code: 'ENOSPC' }));
  };
  const writes = (['append', 'rewrite'] as const).map((name) =>
    vi.spyOn(LedgerFile.prototype, name).mockImplementation(refuse),
  );
  return () => {
    for (const write of writes) write.mockRestore();
  };
}

async function play(bench: Bench, stage: Stage): Promise<void> {
  const from = bench.host.applied.length;
  if (stage.run) {
    const { lab = 'lab', tasks, needs = [], confirm = 0, heard } = stage.run;
    expect(await bench.run(lab, tasks, needs, confirm)).toEqual(heard);
  }
  if (stage.destroy) {
    const { lab = 'lab', check = false, until = Number.POSITIVE_INFINITY, heard } = stage.destroy;
    expect(await bench.destroy(lab, check, until)).toEqual(heard);
  }
  if (stage.rollback) {
    const { lab = 'lab', runs, check = false, until = Number.POSITIVE_INFINITY, full = false, heard } = stage.rollback;
    const empty = full ? fillDisk() : () => undefined;
    expect(await bench.rollback(lab, runs, check, until).finally(empty)).toEqual(heard);
  }
  if (stage.did) expect(bench.host.applied.slice(from).map(worded)).toEqual(stage.did);
  if (stage.meanwhile) meddle(bench.host, stage.meanwhile);
  if (stage.starting) {
    const { netns = [], links = {}, sysctls = {} } = stage.starting;
    bench.host.start({ netns, links, sysctls });
  }
  if (stage.restart?.forget) rmSync(join(bench.labsDir, stage.restart.forget));
  if (stage.restart?.unmarked) unmark(join(bench.labsDir, stage.restart.unmarked));
  if (stage.restart) bench.start(stage.restart.boot ?? 'boot-1');
  if (stage.broughtBack) expect(await bench.broughtBack()).toEqual(stage.broughtBack);
  if (stage.starts !== undefined) expect(bench.starts).toBe(stage.starts);
  for (const [lab, objects] of Object.entries(stage.owns ?? {})) expect(bench.owns(lab)).toEqual(objects);
  if (stage.host?.netns) expect([...bench.host.netns].sort()).toEqual(stage.host.netns);
  if (stage.host?.sysctls) expect(Object.fromEntries(bench.host.sysctls)).toEqual(stage.host.sysctls);
  if (stage.host?.links) expect(Object.fromEntries(bench.host.links)).toEqual(stage.host.links);
  if (stage.host?.files) expect(Object.fromEntries(bench.host.files)).toEqual(stage.host.files);
  if (stage.files) expect(readdirSync(bench.labsDir).sort()).toEqual(stage.files);
}

describe('a run on a host', () => {
  for (const file of readdirSync(here).filter((name) => name.endsWith('.yml'))) {
    test(file, async () => {
      const { given = {}, stages } = parse(readFileSync(join(here, file), 'utf8')) as {
        given?: FakeState;
        stages: Stage[];
      };
      const bench = new Bench(given, join(scratch, file));
      expect(stages.length).toBeGreaterThan(0);
      for (const stage of stages) await play(bench, stage);
    });
  }
});
