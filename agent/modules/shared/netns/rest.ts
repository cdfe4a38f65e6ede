import type { Asked, Host } from '../../../linux/host.ts';
import type { Plan, Step } from '../../module.ts';
import { type AddressRow, addressRow, addressText, isKernelMade, sameKey, wantedAddress } from '../address/address.ts';
import { isEmptied, type Lost, lastingNeighbours, lostAgain, noLoss, routesOver } from '../address/emptied.ts';
import type { AddressFields } from '../address/params.ts';
import { removeAddress } from '../address/steps.ts';
import { madeLinks } from '../link/define.ts';
import { fixedLinks } from '../link/fixed.ts';
import { planAbsent } from '../link/plan.ts';
import { type Current as CurrentLink, readAbsent } from '../link/read.ts';
import type { LinkParams } from '../link/types.ts';
import { readRows } from '../place.ts';
import { routeText } from '../route/action.ts';
import { type RouteFields, familyOf as routeFamily } from '../route/params.ts';
import { removeRoute } from '../route/plan.ts';
import { readAllRoutes } from '../route/read.ts';
import { isKernelMade as isKernelRoute, type Route, sameSlot, wantedRoute } from '../route/route.ts';
import { rows, text } from '../rows.ts';
import type { RuleFields } from '../rule/params.ts';
import { removeRule, sameRules } from '../rule/plan.ts';
import { type Rules, readRules } from '../rule/read.ts';
import { isKernelMade as isKernelRule, type Rule, ruleText, wantedRule } from '../rule/rule.ts';

interface Address {
  readonly dev: string;
  readonly row: AddressRow;
  /** All of the link. */
  readonly all: readonly AddressRow[];
}

/** What of a namespace no task of the run has asked for, the kernel's own things aside. */
export interface Rest {
  readonly links: readonly { readonly params: LinkParams; readonly link: CurrentLink }[];
  /** Links that stay, and why. */
  readonly kept: readonly string[];
  readonly addresses: readonly Address[];
  readonly routes: readonly Route[];
  /** What is to stay though it goes with the last IPv4 address of its link. */
  readonly lost: Lost;
  readonly rules: readonly Rule[];
}

export const noRest: Rest = {
  links: [],
  kept: [],
  addresses: [],
  routes: [],
  lost: noLoss,
  rules: [],
};

interface Placed {
  readonly netns?: string | undefined;
  readonly state?: string | undefined;
}

/** Parameters of the tasks of a module that ask for something in the namespace, one for each entry of `list`. */
function askedOf<P extends object>(asked: readonly Asked[], netns: string, module: string, list: string): readonly P[] {
  return asked.flatMap(({ module: name, params }) => {
    const { netns: place, state } = params as Placed;
    if (place !== netns || state === 'absent') return [];
    if (name === module) return [params as P];
    if (name !== list) return [];
    const { [list]: entries, ...common } = params as Record<string, unknown>;
    return (entries as readonly P[]).map((entry) => ({ ...common, ...entry }));
  });
}

async function restOfLinks(asked: readonly Asked[], netns: string, host: Host) {
  const refs = asked.flatMap(({ params }) => ('name' in (params as object) ? madeLinks(params as LinkParams) : []));
  const wanted = new Set(refs.flatMap((ref) => (ref.kind === 'link' && ref.netns === netns ? ref.name : [])));
  const here = (await readRows(host, netns, ['link', 'show'])).flatMap((row) => text(row, 'ifname') ?? []);
  const others = here.filter((name) => name !== 'lo' && !wanted.has(name) && !fixedLinks.has(name));
  const links: { params: LinkParams; link: CurrentLink }[] = [];
  const kept: string[] = [];
  for (const name of others) {
    const params: LinkParams = { name, netns, state: 'absent' };
    const link = await readAbsent(params, host);
    const along = link.dependents.map((each) => each.params);
    const needs = along.find((each) =>
      refs.some((ref) => ref.kind === 'link' && ref.name === each.name && ref.netns === each.netns),
    );
    if (link.link?.kind === undefined) kept.push(`${name} stays in ${netns}: it is physical`);
    else if (needs !== undefined) kept.push(`${name} stays in ${netns}: ${needs.name} would go with it`);
    else links.push({ params, link });
  }
  // What goes with another one is brought back with it.
  const goesAlong = (at: number) =>
    links.some(({ link }, other) => {
      const names = link.dependents.flatMap((each) => (each.params.netns === netns ? each.params.name : []));
      const mutual = links[at]?.link.dependents.some((each) => each.params.name === links[other]?.params.name);
      return other !== at && names.includes(links[at]?.params.name ?? '') && (!mutual || other < at);
    });
  return {
    links: links.filter((_, at) => !goesAlong(at)),
    kept,
    gone: new Set(links.map(({ params }) => params.name)),
  };
}

/** Reads what is there beside what the run's tasks have asked for until now. */
export async function readRest(host: Host, netns: string): Promise<Rest> {
  const asked = host.asked();
  const { links, kept, gone } = await restOfLinks(asked, netns, host);
  const wantedAddresses = askedOf<AddressFields>(asked, netns, 'address', 'addresses').map((params) => ({
    dev: params.dev,
    wanted: wantedAddress(params),
  }));
  const addresses = (await readRows(host, netns, ['address', 'show'])).flatMap((link) => {
    const dev = text(link, 'ifname') ?? '';
    const all = rows(link, 'addr_info').map((row) => addressRow(row, dev));
    const isWanted = (row: AddressRow) =>
      wantedAddresses.some((each) => each.dev === dev && each.wanted !== undefined && sameKey(row, each.wanted));
    const others = all.filter((row) => !gone.has(dev) && !isWanted(row) && !isKernelMade(row, dev));
    return others.map((row) => ({ dev, row, all }));
  });
  const wantedRoutes = askedOf<RouteFields & { table?: string | number }>(asked, netns, 'route', 'routes').map(
    (params) => wantedRoute(params, routeFamily(params), params.table),
  );
  const present = (await Promise.all(([4, 6] as const).map((family) => readAllRoutes(host, netns, family)))).flat();
  const overGone = ({ ways }: Route) => ways.length > 0 && ways.every(({ dev }) => dev !== undefined && gone.has(dev));
  const isAsked = (row: Route) => wantedRoutes.some((each) => each.table === row.table && sameSlot(row, each));
  const routes = present.filter((row) => !isAsked(row) && !isKernelRoute(row) && !overGone(row));
  const isGoing = (row: AddressRow) => addresses.some((each) => each.row === row);
  const emptied = new Set(addresses.filter(({ all }) => isEmptied(all, isGoing)).map(({ dev }) => dev));
  const lost = {
    routes: routesOver(emptied, present).filter(isAsked),
    neighbours: (await Promise.all([...emptied].map((dev) => lastingNeighbours(host, netns, dev)))).flat(),
  };
  const rules = await restOfRules(askedOf<RuleFields>(asked, netns, 'rule', 'rules'), netns, host);
  return { links, kept: [...kept, ...rules.kept], addresses, routes, lost, rules: rules.rules };
}

async function restOfRules(wanted: readonly RuleFields[], netns: string, host: Host) {
  const tables = wanted.flatMap((rule) => rule.table ?? []);
  const found = await Promise.all(([4, 6] as const).map((family) => readRules(host, netns, family, tables)));
  const of = ({ rules, names }: Rules): readonly Rule[] => {
    const same = new Set(wanted.flatMap((rule) => sameFamily(wantedRule(rule, names), rules)));
    return rules.filter((rule) => !same.has(rule) && !isKernelRule(rule));
  };
  const kept = found.flatMap((each) =>
    each.unnamed.map((said) => `rule ${said} stays: it selects by what tasks cannot name`),
  );
  return { rules: found.flatMap(of), kept };
}

function sameFamily(wanted: Rule, rules: readonly Rule[]): readonly Rule[] {
  return sameRules(
    wanted,
    rules.filter((rule) => rule.family === wanted.family),
  );
}

/** Takes the rest away: what stands on links before these. */
export function planRest(rest: Rest, netns: string): Pick<Plan, 'steps' | 'before' | 'warnings'> {
  const links = rest.links.map(({ params, link }) => planAbsent(params, link));
  const gone = new Map<string, AddressRow[]>();
  // The last address of a link first: secondary ones go before the one that takes them along.
  const addresses = rest.addresses.toReversed().flatMap(({ dev, row, all }): Step[] => {
    const before = gone.get(dev) ?? [];
    gone.set(dev, [...before, row]);
    return removeAddress(
      { dev, netns },
      row,
      all.filter((other) => !before.includes(other)),
    );
  });
  const named = {
    links: rest.links.flatMap(({ params, link }) => [
      params.name,
      ...link.dependents.flatMap((each) => (each.params.netns === netns ? each.params.name : [])),
    ]),
    addresses: rest.addresses.map(({ dev, row }) => `${addressText(row)} on ${dev}`),
    routes: rest.routes.map(routeText),
    rules: rest.rules.map(ruleText),
  };
  return {
    steps: [
      ...rest.rules.map((rule) => removeRule(rule, rule.priority, netns)),
      ...rest.routes.map((route) => removeRoute(route, netns)),
      ...addresses,
      ...lostAgain(rest.lost, netns),
      ...links.flatMap((plan) => plan.steps),
    ],
    before: Object.fromEntries(Object.entries(named).filter(([, names]) => names.length > 0)),
    warnings: [...rest.kept, ...links.flatMap((plan) => plan.warnings ?? [])],
  };
}
