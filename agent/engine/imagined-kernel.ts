import { type Action, ownNetns } from '../linux/action.ts';
import type { IpReply } from '../linux/host.ts';
import { sysctlPath } from '../linux/names.ts';
import type { Step } from '../modules/module.ts';
import { type Row, text } from '../modules/shared/rows.ts';
import { deviceOf, sysctlPaths } from '../modules/shared/sysctl.ts';
import { after } from './snapshot/touched.ts';
import { type LinkName, removalsOf, removedLink } from './vanish.ts';

/** A sysctl that would have been written, and those that the kernel would write along with it. */
interface Written {
  readonly netns: string | undefined;
  readonly path: string;
  readonly value: string;
}

/**
 * The kernel as tasks in check mode would have left it, in what they read of it: links and namespaces that they would have taken
 * away are absent, also where others of these names would have come; sysctls have the values that would have been written.
 */
export class ImaginedKernel {
  #links: readonly LinkName[] = [];
  #spaces: readonly string[] = [];
  #written: readonly Written[] = [];

  clear(): void {
    this.#links = [];
    this.#spaces = [];
    this.#written = [];
  }

  /** Takes what a task would do as done. */
  note(steps: readonly Step[]): void {
    for (const step of steps) {
      for (const action of removalsOf(step)) this.#remove(action);
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
  ip(reply: IpReply, args: readonly string[], netns: string | undefined): IpReply {
    if (this.#isGone(netns)) return absent;
    const gone = new Set(this.#links.flatMap((link) => (link.netns === netns ? [link.name] : [])));
    if (gone.size === 0) return reply;
    if (gone.has(after(args, 'dev') ?? '')) return absent;
    const left = reply.rows.filter((row) => !gone.has(text(row, 'ifname') ?? text(row, 'dev') ?? ''));
    return { ...reply, rows: left.map((row) => (gone.has(text(row, 'master') ?? '') ? freed(row) : row)) };
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
