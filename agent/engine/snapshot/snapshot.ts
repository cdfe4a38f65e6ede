import * as z from 'zod';
import { OrchError } from '../../../proto/errors.ts';
import type { ActingHost } from '../../linux/acting-host.ts';
import type { Action } from '../../linux/action.ts';
import { isNetnsName } from '../../linux/ip/names.ts';
import type { Step } from '../../modules/module.ts';
import { text } from '../../modules/shared/rows.ts';
import { LedgerFile } from '../disk/ledger-file.ts';
import { moveOf } from '../steps/moved-links.ts';
import { namespacesOf } from '../steps/touched.ts';
import { removalsOf } from '../steps/vanish.ts';
import { carriedBy, downWith, goneWith, type LinkPlace } from './carriers.ts';
import { readState } from './read-state.ts';
import { portRisks, type Risk, risksOf } from './risks.ts';
import { type HostState, type NetnsState, own, ownNetns } from './state.ts';
import { fromStored, type StoredState, storedState, toStored } from './stored-state.ts';

/** One line of a snapshot's file. A later line for the same namespace replaces the earlier one. */
type SnapshotRecord =
  | { readonly r: 'snapshot'; readonly boot: string }
  | { readonly r: 'netns'; readonly name: string; readonly state: StoredState }
  /** The namespace had no state before the lab after all. */
  | { readonly r: 'gone'; readonly name: string }
  /** As the namespace was when an undo began that is not over. */
  | { readonly r: 'begun'; readonly name: string; readonly state: StoredState }
  | { readonly r: 'over' }
  | { readonly r: 'risk'; readonly risk: Risk };

/** What the lab's ledger says. */
interface Owned {
  readonly changes: readonly { readonly boot: string; readonly undo: readonly Action[] }[];
  has(object: string): boolean;
}

const netns = z.string().refine((name) => name === ownNetns || isNetnsName(name));
const record: z.ZodType<SnapshotRecord> = z.lazy(() =>
  z.discriminatedUnion('r', [
    z.object({ r: z.literal('snapshot'), boot: z.string() }),
    z.object({ r: z.literal('netns'), name: netns, state: storedState }),
    z.object({ r: z.literal('gone'), name: netns }),
    z.object({ r: z.literal('begun'), name: netns, state: storedState }),
    z.object({ r: z.literal('over') }),
    z.object({
      r: z.literal('risk'),
      risk: z.discriminatedUnion('kind', [
        z.object({
          kind: z.enum(['link', 'taken', 'carrier', 'ipv6', 'neighbours', 'ports', 'port']),
          netns,
          dev: z.string(),
        }),
        z.object({ kind: z.literal('netns'), netns }),
        z.object({ kind: z.literal('sysctls'), netns, keys: z.array(z.string()) }),
        z.object({ kind: z.literal('module'), netns, type: z.string() }),
      ]),
    }),
  ]),
);

function parse(line: string): SnapshotRecord | undefined {
  try {
    return record.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** How a host was before a lab's first change to it, namespace by namespace, kept in a file until the lab is undone. */
export class Snapshot {
  private readonly file: LedgerFile<SnapshotRecord>;
  private readonly boot: string;
  private readonly namespaces = new Map<string, NetnsState>();
  private readonly known = new Map<string, Risk>();
  private readonly begun = new Map<string, NetnsState>();
  private lostLines = 0;

  /** `boot`: the running kernel's boot id; how another kernel was is of no use. */
  constructor(path: string, boot: string) {
    this.file = new LedgerFile(path, parse);
    this.boot = boot;
    const { records, damaged } = this.file.read();
    this.lostLines = damaged;
    const [first] = records;
    if (first?.r === 'snapshot' && first.boot === boot) for (const each of records) this.fold(each);
    else if (first !== undefined) this.file.remove();
  }

  /** Lines that could not be read when the file was opened: something got at it. */
  get damaged(): number {
    return this.lostLines;
  }

  /** True when the lab has changed nothing here, as far as is known. */
  get empty(): boolean {
    return this.namespaces.size === 0;
  }

  /** An undo of the lab has begun, and is not over. */
  get undoing(): boolean {
    return this.begun.size > 0;
  }

  get state(): HostState {
    return Object.fromEntries(this.namespaces);
  }

  get risks(): readonly Risk[] {
    return [...this.known.values()];
  }

  /**
   * Before steps of the lab: reads the host and those existing namespaces that they touch and that are not known yet. What
   * they may take along is written down. On disk when it resolves; nothing is done when all is known. Namespaces that the
   * lab itself made had no state before it.
   */
  async cover(steps: readonly Step[], host: ActingHost, owned: Owned): Promise<void> {
    this.tidy(owned);
    this.over();
    // An agent that took no snapshots began the lab: what the host was like before is not known any more.
    if (this.empty && owned.changes.some(({ boot }) => boot === this.boot)) return;
    const touched = steps.flatMap(({ action, undo }) => [action, ...undo].flatMap(namespacesOf));
    const wanted = new Set([ownNetns, ...touched.filter((name) => name !== undefined)]);
    const names = [...wanted].filter((name) => !this.namespaces.has(name) && !owned.has(`netns ${name}`));
    const read = await Promise.all(names.map(async (name) => ({ name, state: await readState(host, name) })));
    const states = new Map(this.namespaces);
    for (const { name, state } of read) if (state !== undefined) states.set(name, state);
    // What an inverse makes a port again was one before.
    const risks = steps
      .flatMap((step) => [...removalsOf(step).flatMap(risksOf), ...step.undo.flatMap(portRisks), ...taken(step, owned)])
      .flatMap((risk) => withOthers(risk, states))
      .filter((risk) => matters(risk, states));
    await this.write([
      ...read.flatMap(({ name, state }) => (state === undefined ? [] : [netnsRecord(name, state)])),
      ...this.newRisks(risks),
    ]);
  }

  /**
   * An undo of the lab begins on a host like this; what other labs' snapshots have to follow is how it was as that began which it
   * goes on with, where an agent was killed at one.
   */
  begin(found: HostState): HostState {
    if (this.begun.size === 0 && !this.empty)
      this.note(
        Object.entries(found).map(([name, state]) => ({ r: 'begun', name, state: toStored(state) })),
        (records) => this.file.append(records),
      );
    return Object.fromEntries([...Object.entries(found), ...this.begun]);
  }

  /** The undo is over, and the others' snapshots have followed it. */
  over(): void {
    if (this.begun.size === 0) return;
    // That lines are damaged must be known later on; else the file does not grow by each undo.
    const isWhole = this.damaged === 0;
    this.note([{ r: 'over' }], (records) => (isWhole ? this.file.rewrite(this.records) : this.file.append(records)));
  }

  /** A lab that owns nothing, and has cost the host nothing on the way, needs no snapshot: its next change takes a new one. */
  tidy(owned: Owned): void {
    if (!this.empty && this.known.size === 0 && owned.changes.length === 0) this.remove();
  }

  /** Follows what another lab's undo brought back, or left to this lab with the `risks` of it. */
  async replace(state: HostState, risks: readonly Risk[] = []): Promise<void> {
    const changed = Object.entries(state).filter(([name, each]) => this.namespaces.get(name) !== each);
    const gone = [...this.namespaces.keys()].filter((name) => !Object.hasOwn(state, name));
    const records = [
      ...changed.map(([name, each]) => netnsRecord(name, each)),
      ...gone.map((name) => ({ r: 'gone', name }) as const),
      ...this.newRisks(risks.filter((risk) => matters(risk, new Map(Object.entries(state))))),
    ];
    // That lines are damaged must be known later on; else the file does not grow by each state that it follows.
    if (records.length === 0 || this.damaged > 0) return this.write(records);
    for (const each of records) this.fold(each);
    this.file.rewrite(this.records);
  }

  private get records(): readonly SnapshotRecord[] {
    return [
      { r: 'snapshot', boot: this.boot },
      ...[...this.namespaces].map(([name, state]) => netnsRecord(name, state)),
      ...[...this.known.values()].map((risk) => ({ r: 'risk', risk }) as const),
      ...[...this.begun].map(([name, state]) => ({ r: 'begun', name, state: toStored(state) }) as const),
    ];
  }

  remove(): void {
    this.namespaces.clear();
    this.known.clear();
    this.begun.clear();
    this.file.remove();
  }

  close(): void {
    this.file.close();
  }

  private async write(records: readonly SnapshotRecord[]): Promise<void> {
    if (records.length === 0) return;
    const header: SnapshotRecord[] = this.empty ? [{ r: 'snapshot', boot: this.boot }] : [];
    this.file.append([...header, ...records]);
    await this.file.sync();
    for (const each of records) this.fold(each);
  }

  /** No undo waits for a disk that is full. */
  private note(records: readonly SnapshotRecord[], write: (records: readonly SnapshotRecord[]) => void): void {
    for (const each of records) this.fold(each);
    try {
      write(records);
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
    }
  }

  private newRisks(risks: readonly Risk[]): readonly SnapshotRecord[] {
    const fresh = risks.filter((risk) => !this.known.has(textOf(risk)));
    return fresh.map((risk) => ({ r: 'risk', risk }) as const);
  }

  private fold(each: SnapshotRecord): void {
    if (each.r === 'gone') this.namespaces.delete(each.name);
    else if (each.r === 'netns') this.namespaces.set(each.name, fromStored(each.state));
    else if (each.r === 'begun') this.begun.set(each.name, fromStored(each.state));
    else if (each.r === 'over') this.begun.clear();
    else if (each.r === 'risk') this.known.set(textOf(each.risk), each.risk);
  }
}

function netnsRecord(name: string, state: NetnsState): SnapshotRecord {
  return { r: 'netns', name, state: toStored(state) };
}

/** Only what was there before the lab can be taken along. */
function matters(risk: Risk, states: ReadonlyMap<string, NetnsState>): boolean {
  const known = states.get(risk.netns);
  if (known === undefined) return false;
  return !('dev' in risk) || risk.dev === '*' || Object.hasOwn(known.items.links, risk.dev);
}

/**
 * What loses its carrier does so for others as well, and what goes down takes others along; with a namespace go links that have an
 * end in it.
 */
function withOthers(risk: Risk, states: ReadonlyMap<string, NetnsState>): readonly Risk[] {
  if (risk.kind === 'neighbours') return [risk, ...masterOf(risk, states)];
  if (risk.kind !== 'carrier' && risk.kind !== 'netns') return [risk];
  const rows = [...states].map(([netns, { items }]) => [netns, Object.values(items.links)] as const);
  const links = Object.fromEntries(rows);
  const as = (kind: 'carrier' | 'link', places: readonly LinkPlace[]) => places.map((place) => ({ kind, ...place }));
  if (risk.kind === 'carrier') {
    const down = downWith(risk, links);
    const carried = [risk, ...down].flatMap(({ netns, dev }) => carriedBy({ netns, dev }, links));
    return [...as('carrier', carried), ...as('link', down)];
  }
  return [risk, ...as('link', goneWith(risk.netns, links))];
}

/** Another MAC address of a port may be its master's, too. */
function masterOf(
  risk: Extract<Risk, { kind: 'neighbours' }>,
  states: ReadonlyMap<string, NetnsState>,
): readonly Risk[] {
  const link = own(states.get(risk.netns)?.items.links ?? {}, risk.dev);
  const master = typeof link === 'object' ? text(link, 'master') : undefined;
  return master === undefined ? [] : [{ ...risk, dev: master }];
}

/** What would have come out of the namespace that the step removes. */
function taken({ action }: Step, { changes }: Owned): readonly Risk[] {
  if (action.op !== 'netns-delete') return [];
  const moves = changes.flatMap(({ undo }) => undo.flatMap((each) => moveOf(each) ?? []));
  const out = moves.filter(({ from, to }) => from.netns === action.name && to.netns !== action.name);
  return out.map(({ to }) => ({ kind: 'taken', netns: to.netns ?? ownNetns, dev: to.name }));
}

function textOf(risk: Risk): string {
  return JSON.stringify(risk);
}
