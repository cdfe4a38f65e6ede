import type { IpReply } from './host.ts';
import { isNetnsName } from './names.ts';
import { NamespaceView } from './netlink/namespace-view.ts';
import { NetlinkReader } from './netlink/netlink-reader.ts';

/** For fewer, processes of ip are there as soon. */
const fewest = 8;

/** What was seen is believed for so long, whatever happens. */
const longestMs = 2000;

type Rows = IpReply['rows'];

/** What was seen at one moment. */
interface Glance {
  readonly atMs: number;
  readonly names: readonly string[];
  /** Names of all namespaces. */
  readonly present: readonly string[];
  readonly namespaces: ReadonlyMap<string, Promise<NamespaceView | undefined>>;
  /** Links of the host's own namespace, with their addresses, by name. */
  readonly links: Promise<ReadonlyMap<string, Rows>>;
}

/**
 * Looks at many namespaces at once, for the queries that will come: one process that goes through all of them costs a tenth
 * of an ip in each. What was seen answers until the agent has anything done, or asks anybody, that could change it.
 */
export class Glances {
  private readonly askLinks: () => Promise<Rows>;
  private readonly readNames: () => readonly string[];
  private reader: NetlinkReader | undefined;
  private glance: Glance | undefined;
  /** How many questions it has answered. */
  private answered = 0;
  /** Where to look again at the next question: the look before was worth it. */
  private again: readonly string[] | undefined;
  private justLooked = false;

  /** `askLinks`: rows of all links of the host's own namespace, with their addresses; `readNames`: of all namespaces. */
  constructor(askLinks: () => Promise<Rows>, readNames: () => readonly string[]) {
    this.askLinks = askLinks;
    this.readNames = readNames;
  }

  /** Starts the process. False: they are few, or it can't be had here. */
  prepare(namespaces: readonly string[]): boolean {
    if (namespaces.length < fewest) return false;
    if (this.reader?.alive !== true) this.reader = NetlinkReader.start();
    return this.reader !== undefined;
  }

  /** Begins to look, unless it has just begun in this turn. Names that no namespace can have are passed over. */
  look(names: readonly string[]): void {
    if (this.justLooked || !this.prepare(names) || this.reader === undefined) return;
    this.justLooked = true;
    setImmediate(() => {
      this.justLooked = false;
    });
    const dumps = this.reader.read(names.filter(isNetnsName));
    const views = [...dumps].map(
      ([name, dump]) => [name, dump.then((bytes) => bytes && NamespaceView.of(bytes))] as const,
    );
    this.answered = 0;
    this.again = undefined;
    const namespaces = new Map(views);
    const [atMs, present] = [performance.now(), this.readNames()];
    this.glance = { atMs, names, present, namespaces, links: this.ownLinks() };
  }

  /** Names of all namespaces. */
  names(): readonly string[] {
    return this.fresh()?.present ?? this.readNames();
  }

  /** The rows that ip would answer with; undefined: ask it. */
  async answer(args: readonly string[], netns: string | undefined): Promise<Rows | undefined> {
    const glance = this.fresh();
    const question = glance && questionOf(args);
    if (glance === undefined || question === undefined) return undefined;
    const rows = await seen(glance, question, netns);
    // While that was waited for, things may have changed.
    if (rows === undefined || this.glance !== glance) return undefined;
    this.answered += 1;
    return rows;
  }

  /** Something has changed, or may have. */
  forget(): void {
    if (this.glance !== undefined && this.answered >= this.glance.names.length / 2) this.again = this.glance.names;
    this.glance = undefined;
    this.justLooked = false;
  }

  /** Ends the process too. */
  close(): void {
    this.forget();
    this.again = undefined;
    this.reader?.close();
    this.reader = undefined;
  }

  /** What is believed now; looks again where that was worth it. */
  private fresh(): Glance | undefined {
    if (this.glance !== undefined && performance.now() - this.glance.atMs > longestMs) this.forget();
    if (this.again !== undefined) this.look(this.again);
    return this.glance;
  }

  private async ownLinks(): Promise<ReadonlyMap<string, Rows>> {
    const rows = await this.askLinks().catch((): Rows => []);
    return new Map(rows.map((row) => [String(row.ifname), [row]]));
  }
}

type Question = { readonly link: string } | { readonly family: 4 | 6; readonly dst: string };

/** `link show dev NAME` (the host answers it by `address show`), and a route of the table main. */
function questionOf(args: readonly string[]): Question | undefined {
  const family = args[0] === '-6' ? 6 : 4;
  const words = args[0]?.startsWith('-') ? args.slice(1) : args;
  const [object, verb, key, value = '', table, name] = words;
  if (verb !== 'show') return undefined;
  if ((object === 'link' || object === 'address') && key === 'dev' && args.length === 4) return { link: value };
  const ofMain = object === 'route' && key === 'exact' && table === 'table' && name === 'main' && words.length === 6;
  return ofMain ? { family, dst: shownDestination(value, family) } : undefined;
}

/** As ip shows a network: the whole family as default, an address without the length of its prefix. */
function shownDestination(dst: string, family: 4 | 6): string {
  if (dst === '0.0.0.0/0' || dst === '::/0') return 'default';
  const whole = family === 4 ? '/32' : '/128';
  return dst.endsWith(whole) ? dst.slice(0, -whole.length) : dst;
}

async function seen(glance: Glance, question: Question, netns: string | undefined): Promise<Rows | undefined> {
  if (netns === undefined) return 'link' in question ? (await glance.links).get(question.link) : undefined;
  const view = await glance.namespaces.get(netns);
  return 'link' in question ? view?.link(question.link) : view?.routes(question.family, question.dst);
}
