import { type Action, ownNetns } from '../../linux/action.ts';
import type { ExecResult, HostCommand, IpReply } from '../../linux/host.ts';
import { rowsOf } from '../../modules/shared/bridge/query.ts';
import { object, type Row, rows, text } from '../../modules/shared/rows.ts';
import { withOtherEnd } from './moved-ends.ts';
import { shownLink } from './shown-link.ts';
import { after, ipWords } from './touched.ts';
import { addedLinks, isSame, type LinkName } from './vanish.ts';

/** Another name of a link, another namespace, or both. */
export interface Move {
  readonly from: LinkName;
  readonly to: LinkName;
}

export function moveOf(action: Action): Move | undefined {
  if (action.op !== 'ip') return undefined;
  const [object, verb, key, dev, ...words] = action.args;
  if (object !== 'link' || verb !== 'set' || key !== 'dev' || dev === undefined) return undefined;
  const [netns, name] = ['netns', 'name'].map((word) => after(words, word));
  if (netns === undefined && name === undefined) return undefined;
  const there = netns === undefined ? action.netns : netns === ownNetns ? undefined : netns;
  return { from: { netns: action.netns, name: dev }, to: { netns: there, name: name ?? dev } };
}

/** The links that an action makes or moves, where they are then. */
export function broughtBy(action: Action): readonly LinkName[] {
  const move = moveOf(action);
  return move === undefined ? addedLinks(action) : [move.to];
}

export function staysInNetns({ from, to }: Move): boolean {
  return from.netns === to.netns;
}

/** The link's name once it has moved; another one's stays. */
export function moved<L extends LinkName>(link: L, { from, to }: Move): L {
  return isSame(link, from) ? { ...link, netns: to.netns, name: to.name } : link;
}

type Ask = (args: readonly string[], netns?: string) => Promise<IpReply>;

/** A link of the host, and where it would be by now; undefined: it would be gone. */
interface Place {
  readonly real: LinkName;
  readonly now: LinkName | undefined;
  /** It was in another namespace meanwhile: its sysctls have begun anew. */
  readonly anew: boolean;
}

/** Keys behind which bridge(8) names a link. */
const naming = ['ifname', 'master', 'dev', 'port', 'viaIf'];

const absent: IpReply = { rows: [], missing: true };

/** Where the host's links would be by now: under other names, in other namespaces, or gone. */
export class MovedLinks {
  #places: readonly Place[] = [];
  /** Namespaces that rows have been said to lead to. */
  readonly #known: (string | undefined)[] = [];

  clear(): void {
    this.#places = [];
  }

  remove(link: LinkName): void {
    this.#set(link, undefined, false);
  }

  move(move: Move): void {
    this.#set(move.from, move.to, !staysInNetns(move));
  }

  #set(link: LinkName, now: LinkName | undefined, anew: boolean): void {
    const real = this.realOf(link);
    // One that the run would have made is not on the host.
    if (real === undefined) return;
    const known = this.#places.find((place) => isSame(place.real, real));
    const place = { real, now, anew: anew || known?.anew === true };
    this.#places = [...this.#places.filter((each) => each !== known), place];
  }

  /** The link of the host that would be called so by now. */
  realOf(link: LinkName): (LinkName & { readonly anew?: boolean }) | undefined {
    const there = this.#places.find(({ now }) => isSame(now, link));
    if (there !== undefined) return { ...there.real, anew: there.anew };
    return this.#places.some(({ real }) => isSame(real, link)) ? undefined : link;
  }

  #nowOf(real: LinkName): LinkName | undefined {
    const place = this.#places.find((each) => isSame(each.real, real));
    return place === undefined ? real : place.now;
  }

  /** What ip would answer, with links where they would be. */
  async ip(ask: Ask, args: readonly string[], netns: string | undefined): Promise<IpReply> {
    if (this.#places.length === 0) return ask(args, netns);
    const dev = after(args, 'dev');
    if (dev !== undefined) {
      const real = this.realOf({ netns, name: dev });
      if (real === undefined) return absent;
      return this.#renamed(ask, await ask(this.#words(args, netns), real.netns), real.netns, netns);
    }
    const own = await this.#renamed(ask, await ask(this.#words(args, netns), netns), netns, netns);
    const [kind, verb, ...more] = ipWords(args);
    if (verb === 'list-id') {
      const ids = this.#known.map((name) => ({ nsid: this.#idOf(name), ...(name === undefined ? {} : { name }) }));
      return { missing: false, rows: [...own.rows, ...ids] };
    }
    if (verb !== 'show' || more.length > 0 || (kind !== 'link' && kind !== 'address')) return own;
    const others = this.#places.filter(
      ({ real, now }) => now !== undefined && now.netns === netns && real.netns !== netns,
    );
    const come = others.map(async ({ real }) =>
      this.#renamed(ask, await ask([...args, 'dev', real.name], real.netns), real.netns, netns),
    );
    return { ...own, rows: [...own.rows, ...(await Promise.all(come)).flatMap((reply) => reply.rows)] };
  }

  /** What a program would show of a link; an answer without rows for one that is not on the host. */
  async exec(ask: (command: HostCommand) => Promise<ExecResult>, command: HostCommand): Promise<ExecResult> {
    const shown = this.#places.length === 0 ? undefined : shownLink(command);
    if (shown === undefined) return ask(command);
    const { program, link } = shown;
    const real = this.realOf(link);
    if (real === undefined)
      return { status: 1, stdout: '', stderr: `Cannot find device "${link.name}"`, timedOut: false };
    // In another namespace a link begins without queueing (dev_change_net_namespace() in net/core/dev.c).
    if (program === 'tc' && real.anew) return { status: 0, stdout: '', stderr: '', timedOut: false };
    const result = await ask(shown.of(real));
    const now = (name: string) => {
      const place = this.#nowOf({ netns: real.netns, name });
      return place?.netns === link.netns ? place?.name : undefined;
    };
    if (program === 'tc') {
      const stdout = result.stdout.replace(/(?<=to device |indev )[^\s)]+/g, (name) => now(name) ?? name);
      return { ...result, stdout };
    }
    if (program !== 'bridge' || result.status !== 0) return result;
    // With the namespace goes only what a VXLAN has.
    const found = rowsOf(command.argv, result.stdout).filter(
      (row) => !real.anew || ['dst', 'nhid', 'vnis'].some((key) => key in row),
    );
    const named = (key: string, value: unknown) =>
      typeof value === 'string' && naming.includes(key) ? now(value) : value;
    return { ...result, stdout: JSON.stringify(found, named) };
  }

  /** The words of a query by the names that the host has. */
  #words(args: readonly string[], netns: string | undefined): readonly string[] {
    return args.map((word, at) =>
      ['dev', 'master', 'vrf'].includes(args[at - 1] ?? '') ? (this.realOf({ netns, name: word })?.name ?? word) : word,
    );
  }

  /** Rows of one namespace as they would be in another one, or the same. */
  async #renamed(ask: Ask, reply: IpReply, from: string | undefined, to: string | undefined): Promise<IpReply> {
    const moves = { ip: ask, nowOf: (real: LinkName) => this.#nowOf(real), idOf: (name?: string) => this.#idOf(name) };
    const found = reply.rows.map((was) => {
      const row = this.#row(was, from, to);
      return row && withOtherEnd(row, was, [from, to], moves);
    });
    return { ...reply, rows: (await Promise.all(found)).filter((row) => row !== undefined) };
  }

  /** A number that no namespace has for another one. */
  #idOf(netns: string | undefined): number {
    if (!this.#known.includes(netns)) this.#known.push(netns);
    return -1 - this.#known.indexOf(netns);
  }

  #row(row: Row, from: string | undefined, to: string | undefined): Row | undefined {
    const name = (key: string) => {
      const real = text(row, key);
      return real === undefined ? undefined : { real, now: this.#nowOf({ netns: from, name: real }) };
    };
    const changed: Record<string, unknown> = { ...row };
    for (const key of ['ifname', 'dev']) {
      const link = name(key);
      if (link === undefined) continue;
      if (link.now === undefined || link.now.netns !== to) return undefined;
      changed[key] = link.now.name;
    }
    for (const key of ['link', 'master']) {
      const other = name(key);
      if (other === undefined || (other.now?.netns === to && other.now?.name === other.real)) continue;
      if (other.now === undefined || other.now.netns !== to) delete changed[key];
      else changed[key] = other.now.name;
    }
    if ('nexthops' in row) changed.nexthops = rows(row, 'nexthops').map((hop) => this.#row(hop, from, to) ?? hop);
    return 'master' in row && !('master' in changed) ? freed(changed) : changed;
  }
}

/** A port that has left its master. */
export function freed({ master: _, ...row }: Row): Row {
  if (!('linkinfo' in row)) return row;
  const own = Object.entries(object(row, 'linkinfo')).filter(([key]) => !key.startsWith('info_slave'));
  return { ...row, linkinfo: Object.fromEntries(own) };
}
