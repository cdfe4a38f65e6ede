import type { Action } from '../../linux/action.ts';
import { addressRow } from '../../modules/shared/address/address.ts';
import { makeAddress, removeAddress } from '../../modules/shared/address/steps.ts';
import { portCommands } from '../../modules/shared/bridge/port.ts';
import { deleteLink } from '../../modules/shared/link/actions.ts';
import { deleteNeighbour, neighbourOf, putNeighbour } from '../../modules/shared/neighbour.ts';
import { nexthopAction, nexthopOf, removeNexthop } from '../../modules/shared/nexthop/nexthop.ts';
import { routeAction, routeBack } from '../../modules/shared/route/action.ts';
import { routeOf } from '../../modules/shared/route/route.ts';
import { number, object, type Row, text, texts } from '../../modules/shared/rows.ts';
import { ruleAction, ruleOf } from '../../modules/shared/rule/rule.ts';
import { orderBack } from './address-orders.ts';
import { familyOf } from './keys.ts';
import { fdbBack, mdbBack, vlansBack } from './restore-bridges.ts';
import { isLeftRoute, isTakenRoute } from './risks.ts';
import { type Difference, type Item, netnsName, type Section, sections } from './state.ts';

type Restore = (difference: Difference & { readonly section: Section }) => readonly Action[];

/** Differences in the order in which they can be mended: links, then what stands on them. */
export function inOrder(differences: readonly Difference[]): readonly Difference[] {
  // The kernel lists the newest address of IPv6 first.
  const isNewestFirst = ({ section, before }: Difference) =>
    section === 'addresses' && typeof before === 'object' && before.family === 'inet6';
  const six = differences.filter(isNewestFirst).toReversed();
  return [...differences.filter((one) => !isNewestFirst(one)), ...six].sort((a, b) => rank(a) - rank(b));
}

function rank({ section, key, before }: Difference): number {
  if (section === 'netns') return -1;
  // What is written for all links comes before what one of them differs in, and next hops before their groups.
  const isWide = /\/conf\/(all|default)\//.test(key);
  const isGroup = section === 'nexthops' && typeof before === 'object' && 'group' in before;
  return sections.indexOf(section) + (isWide ? -0.5 : isGroup ? 0.5 : 0);
}

/** What makes the thing again as the snapshot has it; none when that is not known. Pure. */
export function restoring(difference: Difference): readonly Action[] {
  const { section } = difference;
  return section === 'netns' ? [] : (restorers[section]?.({ ...difference, section }) ?? []);
}

const restorers: Readonly<Partial<Record<Section, Restore>>> = {
  links: ({ netns, key, before, after }) => {
    const remove = deleteLink(netnsName(netns), key);
    if (before === undefined) return [remove];
    return typeof before === 'object' && typeof after === 'object' ? changedLink(netns, key, before, after) : [];
  },
  addresses: ({ netns, before, after }) => {
    const placeOf = (row: Row) => ({ dev: text(row, 'dev') ?? '', netns: netnsName(netns) });
    const rowOf = (row: Row) => addressRow(row, placeOf(row).dev);
    const steps = [
      ...(typeof after === 'object' ? removeAddress(placeOf(after), rowOf(after), []) : []),
      ...(typeof before === 'object' ? makeAddress(placeOf(before), rowOf(before), []).steps : []),
    ];
    return steps.map(({ action }) => action);
  },
  'address orders': orderBack,
  rules: ({ netns, before, after }) => {
    const action = (verb: 'add' | 'delete', row: Row): Action[] => {
      const { family: _, ...said } = row;
      const rule = ruleOf(said, familyOf(row), {});
      return rule === undefined ? [] : [ruleAction(verb, rule, netnsName(netns))];
    };
    return [
      ...(typeof after === 'object' ? action('delete', after) : []),
      ...(typeof before === 'object' ? action('add', before) : []),
    ];
  },
  routes: (difference) => {
    const { netns, before, after } = difference;
    const route = (row: Row) => routeOf(row, familyOf(row), text(row, 'table') ?? 'main');
    // Those of the kernel come and go with their addresses, but for what these leave behind.
    const own = (row: Item | undefined): row is Row => typeof row === 'object' && row.protocol !== 'kernel';
    const goes = typeof after === 'object' && (own(after) || isLeftRoute(difference));
    const comes = typeof before === 'object' && (own(before) || isTakenRoute(difference));
    return [
      ...(goes ? [routeAction('delete', route(after), netnsName(netns))] : []),
      ...(comes ? [routeBack(route(before), netnsName(netns))] : []),
    ];
  },
  nexthops: ({ netns, before, after }) => {
    if (typeof before === 'object') return [nexthopAction('replace', nexthopOf(before), netnsName(netns))];
    return typeof after === 'object' ? [removeNexthop(nexthopOf(after).id, netnsName(netns))] : [];
  },
  neighbours: ({ netns, before, after }) => {
    const shown = before ?? after;
    if (typeof shown !== 'object') return [];
    const proxy = shown.proxy === true;
    const key = { dst: text(shown, 'dst') ?? '', dev: text(shown, 'dev') ?? '', netns: netnsName(netns), proxy };
    return [typeof before === 'object' ? putNeighbour(key, neighbourOf(before)) : deleteNeighbour(key)];
  },
  'bridge vlans': vlansBack,
  fdb: fdbBack,
  mdb: mdbBack,
  sysctls: ({ netns, key, before }) =>
    // Nothing else is read, so nothing else was kept by an agent.
    typeof before === 'string' && key.startsWith('net/')
      ? [{ op: 'sysctl', netns: netnsName(netns), key, value: before }]
      : [],
};

/** Attributes of a link that `ip link set` sets back in place. */
const attributes = { mtu: 'mtu', txqlen: 'txqueuelen', address: 'address', ifalias: 'alias', group: 'group' } as const;

function changedLink(netns: string, name: string, before: Row, after: Row): readonly Action[] {
  const set = (...words: string[]): Action => ({
    op: 'ip',
    netns: netnsName(netns),
    args: ['link', 'set', 'dev', name, ...words],
  });
  const value = (row: Row, key: string) => text(row, key) ?? number(row, key)?.toString() ?? '';
  const changed = Object.entries(attributes)
    .filter(([key]) => value(before, key) !== value(after, key))
    .map(([key, word]) => set(word, value(before, key)));
  const [oldMaster, newMaster] = [text(before, 'master'), text(after, 'master')];
  const master = oldMaster === newMaster ? [] : [oldMaster === undefined ? set('nomaster') : set('master', oldMaster)];
  const isPort = text(object(before, 'linkinfo'), 'info_slave_kind') === 'bridge';
  const port = isPort ? portCommands(netnsName(netns), name, before, oldMaster === newMaster ? after : undefined) : [];
  const up = (row: Row) => texts(row, 'flags').includes('UP');
  const state = up(before) === up(after) ? [] : [set(up(before) ? 'up' : 'down')];
  return [...changed, ...master, ...port, ...state];
}
