import { isDeepStrictEqual } from 'node:util';
import type { IpReply } from './host.ts';
import { shownLink } from './ip/link-names.ts';
import { isNetnsName } from './ip/names.ts';
import { KnownViews } from './netlink/known-views.ts';
import type { NamespaceView } from './netlink/namespace-view.ts';
import { NetlinkRelay } from './netlink/netlink-relay.ts';
import { requestOf } from './netlink/requests.ts';

/** For fewer, processes of ip are there as soon. */
const fewest = 8;

/** The process waits so long for the next run. */
const restMs = 60_000;

/** What was seen is believed for so long, whatever happens. */
const longestMs = 2000;

type Rows = IpReply['rows'];

/** A namespace as it was seen at one moment. */
interface Seen {
  readonly atMs: number;
  readonly view: Promise<NamespaceView | undefined>;
}

/** What was seen of the host's own namespace, as all others were looked at. */
interface Glance {
  readonly atMs: number;
  /** Links of the host's own namespace, with their addresses, by name. */
  readonly links: Promise<ReadonlyMap<string, Rows>>;
}

/**
 * Looks at many namespaces, for the queries that will come, and has the usual changes made in them: one process that goes
 * through all of them costs a tenth of an ip in each. What was seen answers until the agent has anything done, or asks anybody,
 * that could change it.
 */
export class Glances {
  private readonly askLinks: () => Promise<Rows>;
  private readonly readNames: () => readonly string[];
  private relay: NetlinkRelay | undefined;
  private resting: NodeJS.Timeout | undefined;
  private glance: Glance | undefined;
  private present: { readonly atMs: number; readonly names: readonly string[] } | undefined;
  private readonly seen = new Map<string, Seen>();
  private readonly views = new KnownViews();
  /** Namespaces that were asked about while they were few. */
  private readonly few = new Set<string>();
  private justLooked = false;
  /** All that this run had looked at together, and what the last one had. */
  private together: readonly string[] = [];
  private before: readonly string[] = [];

  /** `askLinks`: rows of all links of the host's own namespace, with their addresses; `readNames`: of all namespaces. */
  constructor(askLinks: () => Promise<Rows>, readNames: () => readonly string[]) {
    this.askLinks = askLinks;
    this.readNames = readNames;
  }

  /** Has the process ready, which is started once in a run. False: they are few, or it can't be had here. */
  prepare(namespaces: number): boolean {
    clearTimeout(this.resting);
    if (namespaces >= fewest) this.relay ??= NetlinkRelay.start();
    return this.relay?.alive === true;
  }

  /** A run begins that may be about these. What the last one looked at together this one will, most likely: that begins now. False as above. */
  expect(namespaces: readonly string[]): boolean {
    const ready = this.prepare(namespaces.length);
    if (ready && isDeepStrictEqual(namespaces, this.before)) this.look(namespaces);
    return ready;
  }

  /** Begins to look, unless it has just begun in this turn. What was just seen, and names that no namespace can have, are passed over. */
  look(names: readonly string[]): void {
    if (this.justLooked || !this.prepare(names.length)) return;
    this.justLooked = true;
    this.together = names;
    setImmediate(() => {
      this.justLooked = false;
    });
    const isSeen = (name: string) => isFresh(this.seen.get(name));
    this.lookAt(names.filter((name) => isNetnsName(name) && !isSeen(name)));
    if (!isFresh(this.glance)) this.glance = { atMs: performance.now(), links: this.ownLinks() };
  }

  /** Names of all namespaces. */
  names(): readonly string[] {
    if (this.relay === undefined) return this.readNames();
    if (!isFresh(this.present)) {
      this.present = { atMs: performance.now(), names: this.readNames() };
    }
    return this.present.names;
  }

  /** What ip would answer; undefined: ask it. */
  async answer(args: readonly string[], netns: string | undefined): Promise<IpReply | undefined> {
    const question = questionOf(args);
    if (question === undefined) return undefined;
    const { glance } = this;
    if (netns === undefined) {
      if (!isFresh(glance) || !('link' in question)) return undefined;
      const links = await glance.links;
      // While that was waited for, things may have changed.
      return this.glance === glance ? told(links.get(question.link)) : undefined;
    }
    const view = await this.viewOf(netns);
    if (!('link' in question)) return told(view?.routes(question.family, question.dst));
    return view?.lacks(question.link) ? { rows: [], missing: true } : told(view?.link(question.link));
  }

  /**
   * Has a usual change made in a namespace, and sees what that is then, links aside. False: ip has to make it. 'unknown': it may
   * have been made.
   */
  async change(args: readonly string[], netns: string): Promise<boolean | 'unknown'> {
    const view = this.relay?.alive === true ? await this.viewOf(netns) : undefined;
    const request = view && requestOf(args, view.indexes);
    if (request === undefined || this.relay === undefined) return false;
    this.seen.delete(netns);
    const answer = await this.relay.change(request, netns);
    this.seen.delete(netns);
    if (answer === undefined) return 'unknown';
    if (answer.length === 0) return false;
    // Addresses and routes are their namespace's own, and there at once. A link takes a while to be up, and its other end hears
    // of it: no more than whether it has a carrier, which nobody asks another namespace for.
    if (args[0] === 'link') {
      this.glance = undefined;
      return true;
    }
    const dumps = answer.subarray(answer.readUInt32LE(0));
    this.seen.set(netns, { atMs: performance.now(), view: Promise.resolve(this.views.of(netns, dumps)) });
    return true;
  }

  /** Something has changed, or may have. */
  forget(): void {
    this.seen.clear();
    this.glance = undefined;
    this.present = undefined;
    this.justLooked = false;
  }

  /** The run is over. The process keeps no namespace alive; it takes longer to start than to be asked. */
  rest(): void {
    this.forget();
    this.few.clear();
    [this.before, this.together] = [this.together, []];
    clearTimeout(this.resting);
    if (this.relay?.alive === true) this.resting = setTimeout(() => this.close(), restMs).unref();
    else this.relay = undefined;
  }

  /** Ends the process too. */
  close(): void {
    this.forget();
    this.few.clear();
    this.relay?.close();
    this.relay = undefined;
  }

  /** What is believed of a namespace; it is looked at now where many are asked about. */
  private async viewOf(netns: string): Promise<NamespaceView | undefined> {
    const known = this.seen.get(netns);
    if (!isFresh(known)) {
      this.few.add(netns);
      if (!isNetnsName(netns) || !this.prepare(this.few.size)) return undefined;
      this.lookAt([netns]);
    }
    const seen = this.seen.get(netns);
    const view = await seen?.view;
    // While that was waited for, things may have changed.
    return this.seen.get(netns) === seen ? view : undefined;
  }

  private lookAt(names: readonly string[]): void {
    const atMs = performance.now();
    for (const [name, dumps] of this.relay?.read(names) ?? []) {
      this.seen.set(name, { atMs, view: dumps.then((bytes) => bytes && this.views.of(name, bytes)) });
    }
  }

  private async ownLinks(): Promise<ReadonlyMap<string, Rows>> {
    const rows = await this.askLinks().catch((): Rows => []);
    return new Map(rows.map((row) => [String(row.ifname), [row]]));
  }
}

function isFresh<T extends { readonly atMs: number }>(seen: T | undefined): seen is T {
  return seen !== undefined && performance.now() - seen.atMs <= longestMs;
}

function told(rows: Rows | undefined): IpReply | undefined {
  return rows && { rows, missing: false };
}

type Question = { readonly link: string } | { readonly family: 4 | 6; readonly dst: string };

/** A link, and a route of the table main. */
function questionOf(args: readonly string[]): Question | undefined {
  const link = shownLink(args);
  if (link !== undefined) return { link };
  const family = args[0] === '-6' ? 6 : 4;
  const words = args[0]?.startsWith('-') ? args.slice(1) : args;
  const [object, verb, key, value = '', table, name] = words;
  const ofMain =
    object === 'route' &&
    verb === 'show' &&
    key === 'exact' &&
    table === 'table' &&
    name === 'main' &&
    words.length === 6;
  return ofMain ? { family, dst: shownDestination(value, family) } : undefined;
}

/** As ip shows a network: the whole family as default, an address without the length of its prefix. */
function shownDestination(dst: string, family: 4 | 6): string {
  if (dst === '0.0.0.0/0' || dst === '::/0') return 'default';
  const whole = family === 4 ? '/32' : '/128';
  return dst.endsWith(whole) ? dst.slice(0, -whole.length) : dst;
}
