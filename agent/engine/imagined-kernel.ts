import { type Action, ownNetns } from '../linux/action.ts';
import type { IpReply } from '../linux/host.ts';
import { sysctlPath } from '../linux/names.ts';
import type { Step } from '../modules/module.ts';
import { type Row, text } from '../modules/shared/rows.ts';
import { deviceOf, sysctlPaths } from '../modules/shared/sysctl.ts';
import { asSet, type LinkSetting, settingOf } from './imagined-links.ts';
import { type Loss, withoutLost } from './imagined-losses.ts';
import { after } from './snapshot/touched.ts';
import { type LinkName, removalsOf, removedLink } from './vanish.ts';

/** A sysctl that would have been written, and those that the kernel would write along with it. */
interface Written {
  readonly netns: string | undefined;
  readonly path: string;
  readonly value: string;
}

interface Along {
  readonly links?: readonly LinkName[];
  readonly losses?: readonly Loss[];
}

/**
 * The kernel as tasks in check mode would have left it, in what they read of it: links and namespaces that they would have taken
 * away are absent, also where others of these names would have come, and what the kernel would have dropped by itself; links and
 * sysctls are as they would have been set.
 */
export class ImaginedKernel {
  #links: readonly LinkName[] = [];
  #spaces: readonly string[] = [];
  #written: readonly Written[] = [];
  #losses: readonly Loss[] = [];
  #settings: readonly LinkSetting[] = [];

  clear(): void {
    this.#losses = [];
    this.#settings = [];
    this.#links = [];
    this.#spaces = [];
    this.#written = [];
  }

  /** Takes what a task would do as done; `along`: links that go with it, and what the kernel drops. */
  note(steps: readonly Step[], along: Along = {}): void {
    this.#losses = [...this.#losses, ...(along.losses ?? [])];
    this.#links = [...this.#links, ...(along.links ?? [])];
    for (const step of steps) {
      for (const action of removalsOf(step)) this.#remove(action);
      this.#settings = [...this.#settings, ...[settingOf(step.action) ?? []].flat()];
      if (step.action.op !== 'sysctl') continue;
      const { netns, key, value } = step.action;
      this.#written = [...this.#written, { netns, path: sysctlPath(key), value }];
    }
  }

  #remove(action: Action): void {
    if (action.op === 'netns-delete') {
      this.#spaces = [...this.#spaces, action.name];
      this.#written = this.#written.filter(({ netns }) => netns !== action.name);
    }
    const link = removedLink(action);
    if (link === undefined) return;
    this.#links = [...this.#links, link];
    this.#written = this.#written.filter(({ netns, path }) => netns !== link.netns || deviceOf(path) !== link.name);
  }

  /** What is left of the names of namespaces. */
  netnsNames(present: readonly string[]): readonly string[] {
    return present.filter((name) => !this.#spaces.includes(name));
  }

  /** What ip would answer. */
  ip(said: IpReply, args: readonly string[], netns: string | undefined): IpReply {
    if (this.#isGone(netns)) return absent;
    const reply = this.#changed(said, args, netns);
    const gone = new Set(this.#links.flatMap((link) => (link.netns === netns ? [link.name] : [])));
    if (gone.size === 0) return reply;
    if (gone.has(after(args, 'dev') ?? '')) return absent;
    const left = reply.rows.filter((row) => !gone.has(text(row, 'ifname') ?? text(row, 'dev') ?? ''));
    return { ...reply, rows: left.map((row) => (gone.has(text(row, 'master') ?? '') ? freed(row) : row)) };
  }

  /** Without what would be lost, and links as they would be set. */
  #changed(reply: IpReply, args: readonly string[], netns: string | undefined): IpReply {
    const settings = this.#settings.filter(({ link }) => link.netns === netns);
    const left = withoutLost(reply.rows, args, netns, this.#losses);
    if (settings.length === 0 && left === reply.rows) return reply;
    const of = (row: Row) => settings.filter(({ link }) => link.name === text(row, 'ifname'));
    return { ...reply, rows: left.map((row) => of(row).reduce((link, { words }) => asSet(link, words), row)) };
  }

  /** The value that a sysctl would have; `present`: what it has. */
  sysctl(key: string, netns: string | undefined, present: string | undefined): string | undefined {
    const path = sysctlPath(key);
    const values = this.#written.flatMap((each) => (each.netns === netns ? (givenBy(path, each) ?? []) : []));
    const isGone = this.#links.some((link) => link.netns === netns && link.name === deviceOf(path));
    return values.at(-1) ?? (isGone || this.#isGone(netns) ? undefined : present);
  }

  #isGone(netns: string | undefined): boolean {
    return this.#spaces.includes(netns ?? ownNetns);
  }
}

const absent: IpReply = { rows: [], missing: true };

/** A port whose master is gone. */
function freed({ master: _, linkinfo, ...row }: Row): Row {
  if (typeof linkinfo !== 'object' || linkinfo === null) return row;
  const own = Object.entries(linkinfo).filter(([key]) => !key.startsWith('info_slave'));
  return { ...row, linkinfo: Object.fromEntries(own) };
}

/** What a sysctl is given by the writing of one, which may be another: forwarding for all is written on to each link. */
function givenBy(path: string, { path: written, value }: Written): string | undefined {
  if (sysctlPaths(written).includes(path)) return value;
  const whole = path.replace(/[^/]+(?=\/forwarding$)/, 'all');
  return whole.endsWith('/all/forwarding') && sysctlPaths(written).includes(whole) ? value : undefined;
}
