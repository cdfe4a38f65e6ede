import { isDeepStrictEqual } from 'node:util';
import type { Action } from '../../linux/action.ts';
import { kindOf } from '../../modules/shared/link/state.ts';
import { text, texts } from '../../modules/shared/rows.ts';
import { deviceOf } from '../../modules/shared/sysctl.ts';
import { goneReason } from '../steps/guard.ts';
import { inTurns } from '../steps/in-turns.ts';
import type { Network } from '../steps/left-networks.ts';
import { broughtBy } from '../steps/moved-links.ts';
import { ipWords } from '../steps/touched.ts';
import type { LinkName } from '../steps/vanish.ts';
import { compareHosts, sameItem } from './compare.ts';
import { devicesOf } from './devices.ts';
import { isFallback } from './fallback-links.ts';
import { networkRoutes, routeName } from './network-routes.ts';
import { concerns, touches } from './relation.ts';
import { foretold, isLeftRoute, noMac, type Risk } from './risks.ts';
import { type Difference, type HostState, own, ownNetns } from './state.ts';

/** Whose doing a difference is. */
export interface Cause {
  readonly kind: 'lab' | 'other-lab' | 'kernel' | 'someone';
  readonly reason: string;
}

export interface Explained {
  readonly difference: Difference;
  readonly cause: Cause;
}

/** An inverse that was not carried out, or not with success. */
export interface Remainder {
  readonly undo: readonly Action[];
  readonly failed: boolean;
  readonly reason: string;
}

export interface Evidence {
  /** The host before the first inverse was carried out. */
  readonly found: HostState;
  readonly risks: readonly Risk[];
  readonly remainders: readonly Remainder[];
  /** Inverses that were carried out. */
  readonly undone: readonly Action[];
  readonly otherLabs: readonly { readonly lab: string; readonly actions: readonly Action[] }[];
  readonly before: HostState;
  /** Links that could not be brought back: what has their names is not theirs. */
  readonly missing: readonly LinkName[];
  /** Routes that came with the lab's addresses, also with those that an undo which was broken off took away. */
  readonly networks: readonly (Network & Pick<Difference, 'netns'>)[];
}

/** Says for one difference whose doing it is, the surest evidence first. Pure. */
function causeOf(difference: Difference, evidence: Evidence, now: HostState, isOther: boolean): Cause {
  const { otherLabs, remainders, risks, found, before } = evidence;
  // Whosever the bridge is, it had a port of this lab.
  if (isWithoutMac(difference) && risks.some((risk) => foretold(risk, difference)))
    return { kind: 'lab', reason: 'undoing the lab took its last port' };
  const missing = missingOf(difference, evidence);
  if (missing !== undefined) return { kind: 'lab', reason: `${missing} has not come back yet` };
  if (risks.some((risk) => risk.kind === 'taken' && foretold(risk, difference)))
    return { kind: 'lab', reason: 'it went with the namespace that the lab had moved it to' };
  const taken = { kind: 'lab', reason: 'undoing the lab took it along' } as const;
  const isTaken = wasSame(difference, before, found);
  // Whosever it is: what somebody else does in these seconds cannot be told from it.
  if (isTaken && !isOther && difference.before !== undefined) return taken;
  const ends = [difference, ...otherEnd(difference)];
  const other = otherLabs.find(({ actions }) => actions.some((action) => ends.some((end) => concerns(action, end))));
  if (other !== undefined) return { kind: 'other-lab', reason: `lab ${other.lab} has it` };
  if (isOther) return { kind: 'someone', reason: 'someone else made another link of this name' };
  if (isFallback(difference)) {
    return { kind: 'kernel', reason: 'comes with a module of the kernel that was loaded since' };
  }
  if (isNewSetting(difference))
    return { kind: 'kernel', reason: 'comes with a part of the kernel that was loaded since' };
  if (isOfFirstCarrier(difference, before)) {
    return { kind: 'kernel', reason: 'the kernel made it when the link first had a carrier, and keeps it' };
  }
  const remainder = remainders.find(
    (each) => !isVain(each, difference) && each.undo.some((action) => concerns(action, difference)),
  );
  if (remainder !== undefined) return { kind: remainder.failed ? 'lab' : 'someone', reason: remainder.reason };
  if (isTaken) return taken;
  const hadNetwork = hasNetwork(difference, found) || evidence.networks.some((network) => isOf(network, difference));
  if (isLeftRoute(difference) && hadNetwork && !hasNetwork(difference, now)) {
    return { kind: 'lab', reason: 'an address of the lab left it' };
  }
  const along = otherLabs.find(({ actions }) => actions.some((action) => touches(action, difference)));
  if (along !== undefined) return { kind: 'other-lab', reason: `lab ${along.lab} has what it goes along with` };
  if (evidence.undone.some((action) => replaced(action, difference))) {
    return { kind: 'lab', reason: 'the lab replaced it' };
  }
  if (broughtBack(difference, evidence.undone)) return taken;
  const risk = risks.find((one) => foretold(one, difference));
  if (risk !== undefined) return { kind: 'lab', reason: 'the kernel took it along with a change of the lab' };
  return { kind: 'someone', reason: 'changed by someone else' };
}

/** The link that is not back and that the difference is about; with it its peer has another end. */
export function missingOf(difference: Difference, { missing }: Pick<Evidence, 'missing'>): string | undefined {
  const { netns, before } = difference;
  const peer = typeof before === 'object' ? text(before, 'link') : undefined;
  const names = [...devicesOf(difference), peer];
  return missing.find((link) => (link.netns ?? ownNetns) === netns && names.includes(link.name))?.name;
}

/** A link that somebody made in the place of one that was on the host: neither the kernel's number nor the MAC address is the same. */
function otherLinks(now: HostState, { before, undone }: Evidence): (difference: Difference) => boolean {
  const back = undone.flatMap(broughtBy);
  return (difference) =>
    devicesOf(difference).some((name) => {
      const [was, is] = [before, now].map((state) => own(own(state, difference.netns)?.items.links ?? {}, name));
      if (typeof was !== 'object' || typeof is !== 'object') return false;
      const isBack = back.some((link) => (link.netns ?? ownNetns) === difference.netns && link.name === name);
      return !isBack && was.ifindex !== is.ifindex && was.address !== is.address;
    });
}

function isWithoutMac({ section, after }: Difference): boolean {
  return section === 'links' && typeof after === 'object' && text(after, 'address') === noMac;
}

/** A pair that came is made and removed by either of its ends. */
function otherEnd(difference: Difference): readonly Difference[] {
  const { section, before, after } = difference;
  if (section !== 'links' || before !== undefined || typeof after !== 'object') return [];
  const peer = ['veth', 'netkit'].includes(kindOf(after) ?? '') ? text(after, 'link') : undefined;
  return peer === undefined ? [] : [{ ...difference, key: peer }];
}

/**
 * A link without carrier gets its link-local address with the first one, be it by the other end of a cable; without it, it would
 * get none by the next (addrconf_notify() in net/ipv6/addrconf.c).
 */
function isOfFirstCarrier({ netns, section, before: was, after }: Difference, before: HostState): boolean {
  if (section !== 'addresses' || was !== undefined || typeof after !== 'object') return false;
  if (text(after, 'protocol') !== 'kernel_ll') return false;
  const link = own(own(before, netns)?.items.links ?? {}, text(after, 'dev') ?? '');
  return typeof link === 'object' && !texts(link, 'flags').includes('LOWER_UP');
}

/** It would have removed what is gone: that does not tell why it is gone. */
function isVain({ undo, reason }: Remainder, { after }: Difference): boolean {
  const removes = (action: Action) => action.op === 'ip' && /^del/.test(ipWords(action.args)[1] ?? '');
  return reason === goneReason && after === undefined && undo.every(removes);
}

/** It was as in the snapshot until the inverses were carried out. */
function wasSame({ netns, section, key, before: item }: Difference, before: HostState, found: HostState): boolean {
  const [was, is] = [own(before, netns), own(found, netns)];
  if (section === 'netns') return is !== undefined;
  if (was === undefined || is === undefined) return false;
  return is.unread[section] === undefined && sameItem(section, item, own(is.items[section], key));
}

/** It was in the way of queueing that an inverse has cleared. */
function replaced(action: Action, difference: Difference): boolean {
  if (action.op !== 'tc' || action.clear === undefined || !concerns(action, difference)) return false;
  const { section, before, after } = difference;
  if (typeof before !== 'object') return false;
  if (section === 'qdiscs') return (before.parent === 'ffff:fff1') === (action.clear !== 'root');
  const parts = action.clear === 'root' ? ['classes', 'filters'] : ['ingress', 'egress'];
  return parts.some((part) => !isDeepStrictEqual(before[part], typeof after === 'object' ? after[part] : []));
}

/** An inverse had made it again, and a later one cost it: with a link's last address go the routes over it. */
function broughtBack(difference: Difference, undone: readonly Action[]): boolean {
  if (difference.after !== undefined) return false;
  const isOf = (action: Action) => action.op === 'ip' && difference.section.startsWith(ipWords(action.args)[0] ?? ' ');
  return undone.some((action) => isOf(action) && concerns(action, difference));
}

/** An address that the kernel makes the route for is on its link. */
function hasNetwork({ netns, after }: Difference, state: HostState): boolean {
  const name = after && routeName(after);
  if (name === undefined) return false;
  return Object.values(own(state, netns)?.items.addresses ?? {}).some((each) => networkRoutes(each).includes(name));
}

function isOf(network: Evidence['networks'][number], { netns, after }: Difference): boolean {
  if (typeof after !== 'object') return false;
  return isDeepStrictEqual(network, { netns, dst: text(after, 'dst'), dev: text(after, 'dev'), metric: after.metric });
}

/** A key of no link that was not there before: the kernel makes them, people only write them. */
function isNewSetting({ section, key, before }: Difference): boolean {
  return section === 'sysctls' && before === undefined && deviceOf(key) === undefined;
}

/** What differs from the snapshot, each with its cause. */
export async function explain(now: HostState, evidence: Evidence): Promise<readonly Explained[]> {
  const { differences } = await compareHosts(evidence.before, now);
  const isOther = otherLinks(now, evidence);
  const explained: Explained[] = [];
  await inTurns(differences, (difference) => {
    const other = isOther(difference);
    // Another link says it all: what is on it is its own.
    if (other && difference.section !== 'links') return;
    explained.push({ difference, cause: causeOf(difference, evidence, now, other) });
  });
  return explained;
}
