import { type Action, ownNetns } from '../../linux/action.ts';
import type { ExecResult, HostCommand, IpReply } from '../../linux/host.ts';
import { sysctlPath } from '../../linux/ip/names.ts';
import type { Step } from '../../modules/module.ts';
import { type Row, text } from '../../modules/shared/rows.ts';
import { deviceOf, sysctlPaths } from '../../modules/shared/sysctl.ts';
import { type Move, MovedLinks, moved, moveOf, staysInNetns } from '../steps/moved-links.ts';
import { isSame, type LinkName, removalsOf, removedLink } from '../steps/vanish.ts';
import { asSet, type LinkSetting, settingOf } from './imagined-links.ts';
import { type Loss, withoutLost } from './imagined-losses.ts';

/** A sysctl that would have been written, and those that the kernel would write along with it. */
interface Written {
  readonly netns: string | undefined;
  readonly path: string;
  readonly value: string;
}

type Ask<Args extends readonly unknown[], Answer> = (...args: Args) => Promise<Answer>;

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
  readonly #moved = new MovedLinks();
  #spaces: readonly string[] = [];
  #written: readonly Written[] = [];
  #losses: readonly Loss[] = [];
  #settings: readonly LinkSetting[] = [];

  clear(): void {
    this.#losses = [];
    this.#settings = [];
    this.#moved.clear();
    this.#spaces = [];
    this.#written = [];
  }

  /** Takes what a task would do as done; `along`: links that go with it, and what the kernel drops. */
  note(steps: readonly Step[], along: Along = {}): void {
    this.#losses = [...this.#losses, ...(along.losses ?? [])];
    for (const link of along.links ?? []) this.#moved.remove(link);
    for (const step of steps) {
      for (const action of removalsOf(step)) this.#remove(action);
      const move = moveOf(step.action);
      if (move !== undefined) this.#move(move);
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
    this.#moved.remove(link);
    this.#settings = this.#settings.filter((setting) => !isSame(setting.link, link));
    this.#losses = this.#losses.filter(({ netns, dev }) => !isSame({ netns, name: dev }, link));
    this.#written = this.#written.filter(({ netns, path }) => netns !== link.netns || deviceOf(path) !== link.name);
  }

  /** What was said of a link is said of it under its other name; its sysctls do not go along into another namespace. */
  #move(move: Move): void {
    const { from, to } = move;
    this.#moved.move(move);
    this.#settings = this.#settings.map(({ link, words }) => ({ link: moved(link, move), words }));
    this.#losses = this.#losses.map((loss) => ({
      ...loss,
      ...placeOf(moved({ netns: loss.netns, name: loss.dev }, move)),
    }));
    if (!staysInNetns(move)) this.#losses = [...this.#losses, { ...placeOf(to), what: 'whole' }];
    this.#written = this.#written.flatMap((each) => {
      const { netns, path } = each;
      if (netns !== from.netns || deviceOf(path) !== from.name) return [each];
      return staysInNetns(move) ? [{ ...each, path: withDevice(path, to.name) }] : [];
    });
  }

  /** What is left of the names of namespaces. */
  netnsNames(present: readonly string[]): readonly string[] {
    return present.filter((name) => !this.#spaces.includes(name));
  }

  /** What ip would answer. */
  async ip(
    ask: Ask<[readonly string[], string | undefined], IpReply>,
    args: readonly string[],
    netns: string | undefined,
  ): Promise<IpReply> {
    if (this.#isGone(netns)) return absent;
    return this.#changed(await this.#moved.ip(ask, args, netns), args, netns);
  }

  /** What a program that only reads would answer. */
  exec(ask: Ask<[HostCommand], ExecResult>, command: HostCommand): Promise<ExecResult> {
    return this.#moved.exec(ask, command);
  }

  /** Without what would be lost, and links as they would be set. */
  #changed(reply: IpReply, args: readonly string[], netns: string | undefined): IpReply {
    const settings = this.#settings.filter(({ link }) => link.netns === netns);
    const left = withoutLost(reply.rows, args, netns, this.#losses);
    if (settings.length === 0 && left === reply.rows) return reply;
    const of = (row: Row) => settings.filter(({ link }) => link.name === text(row, 'ifname'));
    return { ...reply, rows: left.map((row) => of(row).reduce((link, { words }) => asSet(link, words), row)) };
  }

  /** The value that a sysctl would have. */
  async sysctl(
    ask: Ask<[string, string | undefined], string | undefined>,
    key: string,
    netns: string | undefined,
  ): Promise<string | undefined> {
    const path = sysctlPath(key);
    const values = this.#written.flatMap((each) => (each.netns === netns ? (givenBy(path, each) ?? []) : []));
    const value = values.at(-1);
    if (value !== undefined || this.#isGone(netns)) return value;
    const dev = deviceOf(path);
    if (dev === undefined) return ask(key, netns);
    const real = this.#moved.realOf({ netns, name: dev });
    if (real === undefined || real.anew === true) return undefined;
    return ask(real.name === dev ? key : withDevice(path, real.name), netns);
  }

  #isGone(netns: string | undefined): boolean {
    return this.#spaces.includes(netns ?? ownNetns);
  }
}

const absent: IpReply = { rows: [], missing: true };

function placeOf({ netns, name }: LinkName): { readonly netns: string | undefined; readonly dev: string } {
  return { netns, dev: name };
}

/** The same key of another link. */
function withDevice(path: string, dev: string): string {
  return path.replace(/[^/]+(?=\/[^/]+$)/, () => dev);
}

/** What a sysctl is given by the writing of one, which may be another: forwarding for all is written on to each link. */
function givenBy(path: string, { path: written, value }: Written): string | undefined {
  if (sysctlPaths(written).includes(path)) return value;
  const whole = path.replace(/[^/]+(?=\/forwarding$)/, 'all');
  return whole.endsWith('/all/forwarding') && sysctlPaths(written).includes(whole) ? value : undefined;
}
