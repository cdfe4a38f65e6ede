import type { ActingHost } from '../../agent/linux/acting-host.ts';
import { type Action, ownNetns } from '../../agent/linux/action.ts';
import type { ExecResult, FileState, HostCommand, IpReply } from '../../agent/linux/host.ts';
import type { Need } from '../../agent/linux/programs/need.ts';
import { type Digest, digestOf } from '../../proto/digest.ts';
import { OrchError } from '../../proto/errors.ts';

export interface FakeState {
  netns?: string[];
  /** "key" or "netns key" to value. */
  sysctls?: Record<string, string>;
  /** "name" or "netns/name" to index. */
  links?: Record<string, number>;
  files?: Record<string, string>;
  /** Namespaces to the programs in them. */
  programs?: Record<string, string>;
  /** Namespaces whose programs are the agent's own, and end after they were seen a few times. */
  ending?: string[];
  /** "kernel 6.7" to what the host has instead. */
  lacks?: Record<string, string>;
}

const refused = Buffer.from('refused').toString('base64');

/** A kernel of a few objects, enough for the engine's own behaviour. */
export class FakeHost implements ActingHost {
  readonly netns: Set<string>;
  readonly sysctls: Map<string, string>;
  readonly links: Map<string, number>;
  readonly files: Map<string, string>;
  readonly lacks: Map<string, string>;
  readonly programs: Map<string, string>;
  readonly ending: readonly string[];
  /** Actions carried out, as text. */
  readonly applied: string[] = [];
  released = 0;
  /** Namespaces that were told to be wanted soon. */
  readonly expected: string[] = [];
  private readonly groups = new Map<string, string>();
  private nextIndex = 100;
  /** When namespaces were made. */
  private readonly made = new Map<string, number>();

  constructor(state: FakeState) {
    this.netns = new Set(state.netns ?? []);
    this.sysctls = new Map(Object.entries(state.sysctls ?? {}));
    this.links = new Map(Object.entries(state.links ?? {}));
    this.files = new Map(Object.entries(state.files ?? {}));
    this.lacks = new Map(Object.entries(state.lacks ?? {}));
    this.programs = new Map(Object.entries(state.programs ?? {}));
    this.ending = state.ending ?? [];
  }

  /** The kernel begins anew; files stay. */
  start({ netns = [], sysctls = {}, links = {} }: FakeState): void {
    for (const kept of [this.netns, this.sysctls, this.links]) kept.clear();
    for (const name of netns) this.netns.add(name);
    for (const [name, value] of Object.entries(sysctls)) this.sysctls.set(name, value);
    for (const [name, value] of Object.entries(links)) this.links.set(name, value);
  }

  noteInside(names: readonly string[]) {
    const noted = [...this.programs].filter(([netns]) => names.includes(netns));
    let looks = 0;
    return () => {
      const seen = noted.filter(([netns]) => this.programs.has(netns));
      if (++looks === 3) for (const netns of this.ending) this.programs.delete(netns);
      return seen.map(([netns, program]) => ({ netns, pid: 7, program, own: this.ending.includes(netns) }));
    };
  }

  /** Makes it, or another one of its name. */
  makeNetns(name: string): void {
    this.clear(name);
    this.netns.add(name);
    this.made.set(name, this.made.size + 1 + (this.made.get(name) ?? 0));
  }

  netnsMade(name: string): number | undefined {
    return this.netns.has(name) ? (this.made.get(name) ?? 0) : undefined;
  }

  private clear(netns: string): void {
    for (const name of this.links.keys()) if (name.startsWith(`${netns}/`)) this.links.delete(name);
  }

  async ip(args: readonly string[], netns?: string): Promise<IpReply> {
    if (['address show', 'link show'].includes(args.join(' '))) return { rows: this.linksIn(netns), missing: false };
    const index = this.links.get(placed(netns, '/', args.at(-1) ?? ''));
    return index === undefined ? { rows: [], missing: true } : { rows: [{ ifindex: index }], missing: false };
  }

  async sysctl(key: string, netns?: string): Promise<string | undefined> {
    return this.sysctls.get(placed(netns, ' ', key));
  }

  async netnsNames(): Promise<readonly string[]> {
    return [...this.netns].sort();
  }

  async readFile(path: string): Promise<Buffer | undefined> {
    const text = this.files.get(path);
    return text === undefined ? undefined : Buffer.from(text);
  }

  async readPiece(path: string, from: number, bytes: number): Promise<Buffer | undefined> {
    return (await this.readFile(path))?.subarray(from, from + bytes);
  }

  async digest<A extends string>(path: string, algorithms: readonly A[]): Promise<Digest<A> | undefined> {
    const content = await this.readFile(path);
    return content && digestOf([content], algorithms);
  }

  async apply(action: Action): Promise<void> {
    this.applied.push(JSON.stringify(action));
    switch (action.op) {
      case 'netns-add':
        if (this.netns.has(action.name)) throw new OrchError({ code: 'command-failed', summary: 'File exists' });
        this.makeNetns(action.name);
        return;
      case 'netns-delete':
        if (action.name === 'busy') throw new OrchError({ code: 'command-failed', summary: 'refused' });
        if (!this.netns.delete(action.name)) throw missing(action.name);
        this.clear(action.name);
        return;
      case 'sysctl': {
        const name = placed(action.netns, ' ', action.key);
        if (!this.sysctls.has(name)) throw missing(name);
        if (action.value === 'refused') throw new OrchError({ code: 'command-failed', summary: 'refused' });
        this.sysctls.set(name, action.value);
        return;
      }
      case 'ip': {
        const [verb, name = ''] = [action.args[1], action.args.at(-1)];
        if (action.args.includes('group')) return this.applyGroup(action);
        if (verb === 'set') return this.applyMove(action);
        const link = placed(action.netns, '/', name);
        const lower = name.split('.')[1];
        if (verb === 'add' && lower !== undefined && !this.links.has(placed(action.netns, '/', lower))) {
          throw new OrchError({ code: 'command-failed', summary: `nothing to put ${name} on` });
        }
        if (verb === 'add') this.links.set(link, this.nextIndex++);
        else if (!this.links.delete(link)) throw missing(link);
        return;
      }
      case 'file':
        if (action.file.do === 'write') {
          if (typeof action.file.content !== 'string') throw new Error('it is large');
          if (action.file.content === refused) throw new OrchError({ code: 'command-failed', summary: 'refused' });
          this.files.set(action.file.path, Buffer.from(action.file.content, 'base64').toString());
        } else if (!this.files.delete(action.file.path)) throw missing(action.file.path);
        return;
      case 'nft':
      case 'nft-rule':
      case 'tc':
      case 'bridge':
      case 'ethtool':
      case 'exec':
      case 'daemon':
      case 'daemon-remove':
        throw new OrchError({ code: 'command-failed', summary: 'no programs here' });
    }
  }

  /** ip link set dev NAME group NUMBER; ip link delete group NUMBER, which takes all of them or none. */
  private applyGroup({ args, netns }: Extract<Action, { op: 'ip' }>): void {
    const number = args.at(-1) ?? '';
    if (args[1] === 'set') {
      this.groups.set(placed(netns, '/', args[3] ?? ''), number);
      return;
    }
    const links = [...this.groups].flatMap(([link, group]) => (group === number ? link : []));
    if (links.some((link) => link.endsWith('fixed'))) {
      throw new OrchError({ code: 'command-failed', summary: 'Operation not supported' });
    }
    for (const link of links) this.links.delete(link);
  }

  /** ip link set dev NAME netns NETNS [name NEW]: where its index is taken, as here always, the link gets another one. */
  private applyMove({ args, netns }: Extract<Action, { op: 'ip' }>): void {
    const [, , , name = '', , to, , now = name] = args;
    const there = placed(to === ownNetns ? undefined : to, '/', now);
    const here = placed(netns, '/', name);
    if (!this.links.has(here)) throw missing(name);
    if (this.links.has(there)) throw new OrchError({ code: 'command-failed', summary: 'File exists' });
    this.links.delete(here);
    this.links.set(there, this.nextIndex++);
  }

  async lack({ what, which }: Need): Promise<string | undefined> {
    return this.lacks.get(`${what} ${which}`);
  }

  expect(namespaces: readonly string[]): void {
    this.expected.push(...namespaces);
  }

  async filesAs(): Promise<this> {
    return this;
  }

  async environment(): Promise<NodeJS.ProcessEnv> {
    return { HOME: '/agents', LANG: 'C.UTF-8' };
  }

  look(): void {}

  forget(): void {}

  async release(): Promise<void> {
    this.released++;
  }

  /** Answers the one that reads all sysctls. */
  async exec({ argv, netns }: HostCommand): Promise<ExecResult> {
    const lines = [...this.sysctls].flatMap(([name, value]) => {
      const [key, place] = name.split(' ').toReversed();
      return place === netns ? `/proc/sys/${key}:${value}\n` : [];
    });
    return { status: 0, stdout: argv[0] === 'grep' ? lines.join('') : '', stderr: '', timedOut: false };
  }

  private linksIn(netns: string | undefined): IpReply['rows'] {
    const [start, rest] = netns === undefined ? ['', /^[^/]+$/] : [`${netns}/`, /./];
    const own = [...this.links].filter(([name]) => name.startsWith(start) && rest.test(name));
    return own.map(([name, ifindex]) => ({ ifname: name.slice(start.length), ifindex }));
  }

  async scratch(): Promise<ExecResult> {
    return { status: 0, stdout: '', stderr: '', timedOut: false };
  }

  async web(): Promise<never> {
    throw new Error('no task here asks a web server');
  }

  async stat(_path: string): Promise<FileState | undefined> {
    return undefined;
  }

  async readDir(): Promise<undefined> {
    return undefined;
  }

  async daemon(): Promise<undefined> {
    return undefined;
  }

  async user(_name: string): Promise<{ uid: number; gid: number; home: string } | undefined> {
    return undefined;
  }

  async group(): Promise<undefined> {
    return undefined;
  }
}

function placed(netns: string | undefined, between: string, name: string): string {
  return netns === undefined ? name : `${netns}${between}${name}`;
}

function missing(name: string): OrchError {
  return new OrchError({ code: 'missing-object', summary: `no ${name}` });
}
