import type { z } from 'zod';
import type { Host } from '../../../linux/host.ts';
import type { Action, Step, TaskNeed } from '../../module.ts';
import type { Row } from '../rows.ts';
import { type Attributes, attributeNeeds, type Change, type Values, type ValuesOf } from './attribute.ts';
import { commonAttributes } from './common.ts';
import type { CommonParams, LinkState } from './types.ts';

/** The link that one of this kind stands on, or is paired with. */
export interface Relation {
  /**
   * parent: a link that exists before (`link NAME`, or `dev NAME` behind the kind, as tunnels say it);
   * peer: the other end, made together with it.
   */
  readonly role: 'parent' | 'peer';
  readonly need: 'required' | 'optional';
  /** parent: where ip wants its name; default: link. */
  readonly as?: 'link' | 'dev';
  /** parent: `as: dev` kinds whose parent is shown in info_data alone, by an index that belongs to the underlay. */
  readonly shownInside?: boolean;
  /** parent: may be of the same kind. Macvlan and ipvlan would end up on that one's own parent. */
  readonly stacks?: boolean;
}

/** A kind of link: all that its module file says. `defineLinkKind` makes the module of it. */
export interface LinkKind<A extends Attributes = Attributes, E = unknown> {
  /** The module's name, and the kind's in `ip link add ... type NAME`. */
  readonly name: string;
  readonly summary: string;
  readonly notes?: string;
  readonly examples: readonly string[];
  /** The kernel's module and option, for hosts that have it not: "the kernel module ipvlan (CONFIG_IPVLAN)". */
  readonly needs: string;
  /** The first kernel that has the kind ("6.7"); absent: older than any that counts. */
  readonly since?: string;
  readonly attributes: A;
  readonly relation?: Relation;
  /**
   * Tunnels: the namespace that carries their packets can be another one (parameter `underlay_netns`, in the place of
   * `parent_netns`). hidden: the kernel doesn't show which, so that it is not compared.
   * own: always the namespace that it is in. Until Linux 6.15 the kernel made these tunnels for that one, whatever a
   * request said (ip_tunnel_newlink in net/ipv4/ip_tunnel.c).
   */
  readonly underlay?: 'shown' | 'hidden' | 'own';
  /** Common attributes that links of this kind can't have, and why. */
  readonly without?: Readonly<Record<string, string>>;
  /** Common attributes that are changed otherwise than for most kinds: `{ address: 'replace' }`. */
  readonly changes?: Readonly<Record<string, Change>>;
  /** Attributes that new links of this kind have otherwise than most: `{ arp: false }`; some by what else they have. */
  readonly fresh?: Values | ((values: Values) => Values);
  /** Common attributes that `ip link add` is not given, since the kernel makes something else of them then: `['mtu']`. */
  readonly late?: readonly string[];
  /** Attributes that must be sent in one request, because one alone would reset the others or be refused. */
  readonly together?: readonly (readonly string[])[];
  /** Values that a link must have on its way from the present to the wanted ones, which one request can't lead to. */
  via?(wanted: Values, present: Values): Values | undefined;
  /**
   * The kernel sets the mtu anew whenever attributes are changed, unless it is in the same request. So the mtu that is
   * wanted goes with each, and with each inverse the one that was there.
   */
  readonly ownMtu?: boolean;
  /** Pairs that are changed through one end alone: whether it is the one of this row. */
  leads?(row: Row): boolean;
  /** What parameters can't mean together: [parameter, why]. */
  check?(params: CommonParams & ValuesOf<A>): readonly (readonly [string, string])[];
  /** Warnings about attributes that are changed on a link that is there. */
  warn?(changed: readonly string[], link: LinkState): readonly string[];
  /** Where `ip link add` can't make it: the command of ip that does, before the words of the attributes. */
  readonly making?: (name: string) => readonly string[];
  /** What the kind has beside attributes: parameters, queries and steps of its own. */
  readonly extra?: LinkExtra<E>;
}

/** What a kind has that `ip link` doesn't set: a bridge's vlans, entries of an fdb, peers. */
export interface LinkExtra<E> {
  readonly fields: Readonly<Record<string, z.ZodType>>;
  /** What a host must have for it. */
  needs?(params: CommonParams & Values): readonly TaskNeed[];
  /** What `plan` compares. `link` undefined: it isn't there yet; answer as for one that was just made. */
  read(params: CommonParams & Values, host: Host, link: LinkState | undefined): Promise<E>;
  /** What `remake` brings back, of a link that goes; absent: what `read` says. */
  readWhole?(params: CommonParams & Values, host: Host, link: LinkState): Promise<E>;
  /** Steps for a link that is there; for a new one their inverses are left away, since they vanish with it. */
  plan(params: CommonParams & Values, present: E): ExtraPlan;
  /** What of it can't be brought back, because nothing tells it: "keys"; undefined: all can. */
  lost?(present: E): string | undefined;
  /** Brings it back to a link that was removed. */
  remake(params: CommonParams, present: E): readonly Action[];
}

export interface ExtraPlan {
  readonly steps: readonly Step[];
  readonly before: Values;
  readonly after: Values;
  readonly warnings?: readonly string[];
  /** Extra keys for `register`. */
  readonly result?: Values;
}

const known = new Map<string, LinkKind>();
let modules: { get(name: string): unknown } = known;

/** Makes a kind known, so that links of it can be made again whichever module removes them. */
export function registerKind(kind: LinkKind): void {
  known.set(kind.name, kind);
}

/** A kind that is not known may be that of a module which is not loaded yet: asking for the module loads it. */
export function findKindsIn(registry: { get(name: string): unknown }): void {
  modules = registry;
}

export function knownKind(name: string | undefined): LinkKind | undefined {
  if (name === undefined) return undefined;
  if (!known.has(name)) modules.get(name);
  return known.get(name);
}

/** What a link has beside attributes, by its own kind; all of it where the link goes, so that it can be brought back. */
export async function readExtra(
  params: CommonParams & Values,
  host: Host,
  link: LinkState,
  goes: boolean,
): Promise<unknown> {
  const extra = knownKind(link.kind)?.extra;
  return goes && extra?.readWhole !== undefined ? extra.readWhole(params, host, link) : extra?.read(params, host, link);
}

/** All kinds whose modules are loaded, by name. */
export function knownKinds(): readonly LinkKind[] {
  return [...known.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What a host must have for a kind, in words. */
export function needsOf({ needs, since }: LinkKind): string {
  return since === undefined ? needs : `${needs}, Linux ${since} or newer`;
}

/** What a host must have for links of a kind with these attributes. */
export function kindNeeds(kind: LinkKind, params: CommonParams & Values): TaskNeed[] {
  if (params.state === 'absent') return [];
  // Tun links don't come by rtnetlink, so that no module says that it brings them.
  const own: TaskNeed[] = kind.making === undefined ? [{ what: 'link', which: kind.name }] : [];
  const versions = ['kernel', 'iproute2'] as const;
  const since: TaskNeed[] = versions.flatMap((what) => (kind.since === undefined ? [] : [{ what, which: kind.since }]));
  return [
    ...since,
    ...own,
    ...attributeNeeds({ ...commonAttributes, ...kind.attributes }, params),
    ...(kind.extra?.needs?.(params) ?? []),
  ];
}

/** What a new link of a kind has otherwise than most. */
export function freshOf(kind: LinkKind | undefined, values: Values): Values {
  const fresh = kind?.fresh ?? {};
  return typeof fresh === 'function' ? fresh(values) : fresh;
}
