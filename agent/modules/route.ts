import * as z from 'zod';
import { defineModule, type Plan, type Step } from './module.ts';
import { checked, inNetns, ipAddress, linkName, networkProblem, presence, routingTable, u32 } from './shared/fields.ts';
import { formatIp, parseCidr, parseIp } from './shared/ip-address.ts';
import { readRows, requireLink, requireNetns } from './shared/place.ts';
import { protocolName, routeProtocol } from './shared/protocols.ts';
import {
  defaultMetric,
  dstText,
  leadsNowhere,
  type Route,
  routeAction,
  routeObject,
  routeOf,
  routeText,
  showArgs,
} from './shared/route.ts';
import { tableName } from './shared/tables.ts';

const network = checked((text) => (text === 'default' ? undefined : networkProblem(text)));

const fields = z.strictObject({
  dst: network.optional().describe('Destination: a network ("10.1.0.0/16"), an address, or default.'),
  to: network.optional().describe('The same as `dst`.'),
  via: ipAddress.optional().describe('Address of the next hop.'),
  dev: linkName.optional().describe('Link to send by; default: the one that `via` is behind.'),
  onlink: z.boolean().default(false).describe('Take `via` to be on `dev` even if no address there says so.'),
  src: ipAddress.optional().describe('Source address for packets that the host itself sends by this route.'),
  metric: u32
    .optional()
    .describe("Of two routes the one with the lower metric counts; default: the kernel's (0; IPv6: 1024)."),
  table: routingTable
    .optional()
    .describe('Routing table, a number or a name; default: main, and local for type local.'),
  scope: z
    .enum(['global', 'site', 'link', 'host'])
    .optional()
    .describe("IPv4: how far the destination is; default: the kernel's choice."),
  type: z
    .enum(['unicast', 'blackhole', 'unreachable', 'prohibit', 'local'])
    .default('unicast')
    .describe('What becomes of the packets: sent on, dropped, refused with an error, or taken in.'),
  protocol: routeProtocol
    .optional()
    .describe('Who made the route: static, bgp, a number from 0 to 255; default: boot, or what it is already.'),
  netns: inNetns,
  state: presence.describe('Whether the route is there.'),
});
type Params = z.infer<typeof fields>;

function familyOf(params: Params): 4 | 6 {
  const dst = params.dst ?? params.to ?? 'default';
  return (dst === 'default' ? (params.via ?? params.src ?? '') : dst).includes(':') ? 6 : 4;
}

function contradictions(params: Params): [keyof Params, string][] {
  const found: [keyof Params, string][] = [];
  const { type } = params;
  if (params.dst === undefined && params.to === undefined)
    found.push(['dst', 'say the destination: a network or default']);
  if (params.dst !== undefined && params.to !== undefined) found.push(['to', 'say dst or to, not both']);
  const nowhere = leadsNowhere(type);
  if (nowhere && params.via !== undefined) found.push(['via', `a route of type ${type} has no next hop`]);
  if (nowhere && params.dev !== undefined) found.push(['dev', `a route of type ${type} has no link`]);
  if (!nowhere && params.state === 'present' && params.via === undefined && params.dev === undefined) {
    found.push(['via', 'say via, dev or both']);
  }
  if (params.onlink && (params.via === undefined || params.dev === undefined))
    found.push(['onlink', 'needs via and dev']);
  const family = familyOf(params);
  if (family === 6 && params.scope !== undefined) found.push(['scope', 'IPv6 routes have no scope']);
  if (family === 6 && params.via?.includes(':') === false) found.push(['via', 'an IPv6 route needs an IPv6 next hop']);
  if (params.src !== undefined && params.src.includes(':') !== (family === 6))
    found.push(['src', 'is of the other address family']);
  return found;
}

function canonical(address: string | undefined): string | undefined {
  const ip = address === undefined ? undefined : parseIp(address);
  return ip === undefined ? address : formatIp(ip);
}

function wantedRoute(params: Params): Route {
  const family = familyOf(params);
  const dst = params.dst ?? params.to ?? 'default';
  const cidr = dst === 'default' ? undefined : parseCidr(dst);
  const table = tableName(params.table ?? (params.type === 'local' ? 'local' : 'main'));
  return {
    family,
    type: params.type,
    dst: cidr === undefined ? 'default' : dstText(cidr),
    via: canonical(params.via),
    dev: params.dev,
    onlink: params.onlink,
    src: canonical(params.src),
    metric: params.metric ?? defaultMetric(family),
    scope: params.scope,
    table,
    protocol: params.protocol === undefined ? undefined : protocolName(params.protocol),
    nexthops: [],
  };
}

/** IPv6 takes a metric of 0 as "none said". */
function slot(route: Route): number {
  return route.family === 6 && route.metric === 0 ? defaultMetric(6) : route.metric;
}

/** Whether a route of the kernel is the wanted one; what the task leaves open is the kernel's choice. */
function satisfies(row: Route, wanted: Route): boolean {
  const open = (key: 'dev' | 'src' | 'scope' | 'protocol') => wanted[key] === undefined || wanted[key] === row[key];
  return (
    row.type === wanted.type &&
    row.via === wanted.via &&
    row.onlink === wanted.onlink &&
    row.nexthops.length === 0 &&
    slot(row) === slot(wanted) &&
    open('dev') &&
    open('src') &&
    open('scope') &&
    open('protocol')
  );
}

function planAbsent(params: Params, wanted: Route, current: readonly Route[]): Plan {
  const after = { state: 'absent' };
  const named = current.filter(
    (row) =>
      (params.via === undefined || row.via === wanted.via) &&
      (params.dev === undefined || row.dev === wanted.dev) &&
      (params.metric === undefined || slot(row) === slot(wanted)) &&
      (params.type === 'unicast' || row.type === wanted.type),
  );
  const steps = named.map(
    (row): Step => ({
      object: routeObject(row, params.netns),
      action: routeAction('delete', row, params.netns),
      undo: [routeAction('append', row, params.netns)],
      removes: true,
    }),
  );
  return { steps, before: named.length === 0 ? after : { routes: named.map(routeText) }, after };
}

function planPresent(params: Params, wanted: Route, current: readonly Route[]): Plan {
  const after = { route: routeText(wanted) };
  if (current.some((row) => satisfies(row, wanted))) return { steps: [], before: after, after };
  const object = routeObject(wanted, params.netns);
  const holder = current.find((row) => slot(row) === slot(wanted));
  if (holder === undefined) {
    const undo = [routeAction('delete', wanted, params.netns)];
    return {
      steps: [{ object, action: routeAction('add', wanted, params.netns), undo }],
      before: { state: 'absent' },
      after,
    };
  }
  const undo = [routeAction('replace', holder, params.netns)];
  const steps = [{ object, action: routeAction('replace', wanted, params.netns), undo }];
  return { steps, before: { route: routeText(holder) }, after };
}

export const module = defineModule({
  name: 'route',
  form: 'converge',
  summary: 'Adds, changes or removes a route.',
  notes:
    'The kernel keeps one route for each destination, table and metric: another one in that place is replaced. With ' +
    '`state: absent` every route to the destination goes that fits what the task says (via, dev, metric, type).',
  examples: [
    'route:\n  dst: default\n  via: 172.16.91.14\n  dev: ipvlan1\n  onlink: true\n  netns: ns01',
    'route:\n  dst: 172.16.91.101\n  dev: ipvlan0',
    'route:\n  dst: fd01::/64\n  via: fd00::2\n  metric: 50',
    'route:\n  dst: 10.0.0.0/8\n  type: unreachable\n  table: 100',
    'route:\n  dst: default\n  netns: ns01\n  state: absent',
  ],
  params: fields.superRefine((params, context) => {
    for (const [field, message] of contradictions(params)) context.addIssue({ code: 'custom', path: [field], message });
  }),

  async read(params, host): Promise<readonly Route[]> {
    const { family, table, ...wanted } = wantedRoute(params);
    const found = await readRows(host, params.netns, showArgs({ ...wanted, family, table }));
    // Rows with a TOS are other routes to the same place; the task cannot name them.
    const routes = found.filter((row) => !('tos' in row)).map((row) => routeOf(row, family, table));
    if (params.state === 'absent' || routes.some((row) => row.dev === params.dev)) return routes;
    if (params.dev === undefined) await requireNetns(host, params.netns);
    else await requireLink(host, params.netns, params.dev);
    return routes;
  },

  plan(params, current) {
    const wanted = wantedRoute(params);
    return params.state === 'present' ? planPresent(params, wanted, current) : planAbsent(params, wanted, current);
  },
});
