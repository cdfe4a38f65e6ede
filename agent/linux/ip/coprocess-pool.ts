import { existsSync } from 'node:fs';
import { OrchError } from '../../../proto/errors.ts';
import { execute } from '../programs/exec.ts';
import { batchLine } from './batch-line.ts';
import type { Coprocess } from './coprocess.ts';
import { IpBatch, ipsToBe } from './ip-batch.ts';
import type { IpOutput } from './ip-reply.ts';
import { keptWords } from './kept-words.ts';
import { netnsPath } from './names.ts';
import { NetnsDoor } from './netns-door.ts';

interface Kept {
  readonly alive: boolean;
  close(): Promise<void>;
}

/** So many processes are started in namespaces that will be asked soon. */
const mostAhead = 16;
/** Each time ip ends over a wrong argument, one of the questions that wait for it has its answer. */
const mostAttempts = 1000;

/** What the kernel says of an index that no link has: ip looks names up, and says otherwise that there is none. */
const goneTexts = /^[\w ]+: No such device$/m;

/** What a run used up is made ready again once its last word is out. */
const refillMs = 20;

/** The coprocesses of one host: an `ip` a namespace and family, one door a namespace, opened on first use. */
export class CoprocessPool {
  private readonly batches = new Map<string, IpBatch>();
  private readonly doors = new Map<string, NetnsDoor>();
  private readonly closing = new Set<Promise<void>>();
  /** Started, so that the next run need not wait for that; their namespaces are not decided yet. */
  private spares: Coprocess[] = [];
  /** Namespaces in the order in which they may be asked. */
  private ahead: (string | undefined)[] = [];
  private readonly asked = new Set<string>();

  /** Runs `ip ARGS` in a namespace that exists. Arguments that no batch line can hold cost a process of their own. */
  async ip(args: readonly string[], netns: string | undefined): Promise<IpOutput> {
    const { family, words } = placed(args);
    const kept = words[0]?.startsWith('-') ? undefined : keptWords(words);
    const line = kept && batchLine(kept);
    if (line === undefined) return spawnIp(args, netns);
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const output = await this.batch(netns, family).run(line);
      if (output === undefined) continue;
      if (attempt > 0 || !goneTexts.test(output.text)) return output;
      // It may remember the index of a link that somebody else has removed, where another one has the name now.
      this.retire(this.batches, (key) => key === keyOf(netns, family));
    }
    throw new OrchError({ code: 'command-failed', summary: 'ip ends as soon as it is started.' });
  }

  /** The same of an ip that remembers nothing; the words go as they are. */
  async ipAfresh(words: readonly string[], netns: string | undefined): Promise<IpOutput> {
    const line = batchLine(words);
    if (line === undefined) return spawnIp(words, netns);
    const batch = new IpBatch(netns, undefined, this.spare());
    try {
      return (await batch.run(line)) ?? (await spawnIp(words, netns));
    } finally {
      this.retireOne(batch);
    }
  }

  /** What `ip WORDS` says where it ends itself after that, as the listings of IPsec do (ip/xfrm_policy.c, ip/xfrm_state.c). */
  async ipText(words: readonly string[], netns: string | undefined): Promise<string> {
    const line = batchLine(words);
    if (line === undefined) return (await spawnIp(words, netns)).text;
    const batch = new IpBatch(netns, undefined, this.spare());
    try {
      return (await batch.runLast(line)) ?? (await spawnIp(words, netns)).text;
    } finally {
      this.retireOne(batch);
    }
  }

  /** Starts the processes that answer queries in these namespaces, each a while before it is asked; undefined: the host's own. */
  expect(namespaces: readonly (string | undefined)[]): void {
    this.ahead = [...namespaces];
    for (let count = 0; count < mostAhead; count++) this.startNext();
  }

  /** The door into a namespace that exists. */
  door(netns: string): NetnsDoor {
    return opened(this.doors, netns, () => new NetnsDoor(netns));
  }

  /**
   * Lets the ip processes go after links may have changed: ip remembers the index of every name it saw (lib/ll_map.c)
   * and would look for the old one. New ones are opened on demand.
   */
  forgetLinks(): void {
    this.retire(this.batches, (key) => this.batches.get(key)?.knowsLinks === true);
  }

  /** Closes what keeps a namespace alive. */
  async leave(netns: string): Promise<void> {
    this.ahead = this.ahead.filter((name) => name !== netns);
    this.retire(this.batches, (key) => key.startsWith(`${netns}/`));
    this.retire(this.doors, (key) => key === netns);
    await Promise.all(this.closing);
  }

  /** Closes all that was asked, and makes as many ready for the next run. */
  async release(): Promise<void> {
    const used = this.batches.size;
    if (used > 0) setTimeout(() => this.refill(Math.min(used, mostAhead)), refillMs).unref();
    await this.close();
  }

  /** Closes all that was asked. */
  async close(): Promise<void> {
    this.ahead = [];
    this.asked.clear();
    this.retire(this.batches, () => true);
    this.retire(this.doors, () => true);
    await Promise.all(this.closing);
  }

  private batch(netns: string | undefined, family: string | undefined): IpBatch {
    const place = netns ?? '';
    if (!this.asked.has(place)) this.startNext();
    this.asked.add(place);
    return this.open(netns, family);
  }

  private startNext(): void {
    if (this.ahead.length > 0) this.open(this.ahead.shift(), undefined);
  }

  private open(netns: string | undefined, family: string | undefined): IpBatch {
    return opened(this.batches, keyOf(netns, family), () => new IpBatch(netns, family, this.spare()));
  }

  private spare(): Coprocess {
    this.refill(1);
    return this.spares.shift() as Coprocess;
  }

  private refill(count: number): void {
    this.spares = this.spares.filter(({ alive }) => alive);
    while (this.spares.length < count) this.spares.push(...ipsToBe());
  }

  private retire<K extends Kept>(kept: Map<string, K>, which: (key: string) => boolean): void {
    for (const [key, process] of kept) {
      if (!which(key)) continue;
      kept.delete(key);
      this.retireOne(process);
    }
  }

  private retireOne(process: Kept): void {
    const closed = process.close().finally(() => this.closing.delete(closed));
    this.closing.add(closed);
  }
}

function keyOf(netns: string | undefined, family: string | undefined): string {
  return `${netns ?? ''}/${family ?? ''}`;
}

/**
 * The family that ip must be started with, if any, and the words for it. Most of what is of IPv4 is so without being said
 * (ip/iproute.c and ip/iprule.c take AF_UNSPEC for AF_INET), and of the routes of all tables those of IPv4 are the ones
 * below 0.0.0.0/0: one process does for both.
 */
function placed(args: readonly string[]): { readonly family: string | undefined; readonly words: readonly string[] } {
  const [family, ...words] = args;
  if (family !== '-4' && family !== '-6') return { family: undefined, words: queryOf(args) };
  const all = words[0] === 'route' && words.includes('all');
  if (family === '-4' && all) return { family: undefined, words: [...words, 'root', '0.0.0.0/0'] };
  const implied = words[0] === 'route' || words[0] === 'rule';
  return { family: family === '-4' && implied ? undefined : family, words };
}

/** Links are shown as `ip address show` does it, which says the same and more: so one process does for both. */
function queryOf(words: readonly string[]): readonly string[] {
  return words[0] === 'link' && words[1] === 'show' ? ['address', ...words.slice(1)] : words;
}

function opened<K extends Kept>(kept: Map<string, K>, key: string, open: () => K): K {
  const present = kept.get(key);
  if (present?.alive) return present;
  const fresh = open();
  kept.set(key, fresh);
  return fresh;
}

async function spawnIp(args: readonly string[], netns: string | undefined): Promise<IpOutput> {
  const argv = ['ip', '-j', '-d', ...(netns === undefined ? [] : ['-n', netns]), ...args];
  const result = await execute({ argv }, { timeoutMs: 15_000 });
  return result.status === 0 ? { text: result.stdout, failed: false } : { text: result.stderr, failed: true };
}

/** True when the named namespace is there. */
export function netnsExists(name: string): boolean {
  return existsSync(netnsPath(name));
}
