import * as z from 'zod';
import type { TaskNeed } from '../../module.ts';
import {
  checked,
  inNetns,
  ipAddress,
  linkName,
  networkProblem,
  otherFamily,
  presence,
  routingTable,
  u32,
} from '../fields.ts';
import { routeProtocol } from '../protocols.ts';
import { tosField } from '../tos.ts';
import { encapField, encapNeeds } from './encap.ts';
import { idleLocks, metricFields } from './metrics.ts';
import { leadsNowhere, routeTypes } from './types.ts';
import { wayFields } from './way.ts';

const network = checked((text) => (text === 'default' ? undefined : networkProblem(text)));
const realm = /^\d{1,3}(\/\d{1,3})?$/;

/** What a task says of one route, without its place. */
export const routeFields = z.strictObject({
  dst: network.optional().describe('Destination: a network ("10.1.0.0/16"), an address, or default.'),
  to: network.optional().describe('The same as `dst`.'),
  from: network.optional().describe('IPv6: only packets with these source addresses.'),
  tos: tosField.optional().describe('IPv4: only packets with this TOS or DSCP: "0x10", CS1, AF11.'),
  via: ipAddress.optional().describe('Address of the next hop; an IPv4 route may go via an IPv6 address.'),
  dev: linkName.optional().describe('Link to send by; default: the one that `via` is behind.'),
  onlink: z.boolean().default(false).describe('Take `via` to be on `dev` even if no address there says so.'),
  encap: encapField.optional(),
  nexthops: z
    .array(wayFields)
    .min(1)
    .max(256)
    .optional()
    .describe('Several ways that share the traffic, instead of one.'),
  nhid: z.int().min(1).max(0xffffffff).optional().describe('A next hop object or group (module nexthop) instead.'),
  src: ipAddress.optional().describe('Source address for packets that the host itself sends by this route.'),
  metric: u32
    .optional()
    .describe("Of two routes the one with the lower metric counts; default: the kernel's (0; IPv6: 1024)."),
  scope: z
    .enum(['global', 'site', 'link', 'host'])
    .optional()
    .describe("IPv4: how far the destination is; default: the kernel's choice."),
  type: z
    .enum(routeTypes)
    .default('unicast')
    .describe(
      'What becomes of the packets: sent on, dropped, refused with an error, looked up in the next table (throw), or taken in.',
    ),
  protocol: routeProtocol
    .optional()
    .describe('Who made the route: static, bgp, a number from 0 to 255; default: boot, or what it is already.'),
  pref: z.enum(['low', 'medium', 'high']).optional().describe('IPv6: preference among routes that routers announce.'),
  realm: z
    .union([z.int().min(1).max(255), z.string().regex(realm, 'realms are numbers: 4, or 3/4')])
    .optional()
    .describe('IPv4: realm of the route for filters, or "from/to".'),
  ...metricFields,
});
export type RouteFields = z.infer<typeof routeFields>;

/** Where routes are. */
const routePlace = {
  table: routingTable
    .optional()
    .describe('Routing table, a number or a name; default: main, and local for local, broadcast and anycast.'),
  netns: inNetns,
};

export const routeParams = z.strictObject({
  ...routeFields.shape,
  ...routePlace,
  state: presence.describe('Whether the route is there.'),
});

export function familyOf(params: RouteFields): 4 | 6 {
  const dst = params.dst ?? params.to ?? 'default';
  const said = [dst, params.from, params.nexthops?.[0]?.via, params.via, params.src].find(
    (text) => text !== undefined && text !== 'default',
  );
  return said?.includes(':') ? 6 : 4;
}

/** What a host must have for a route: what puts something around packets, and more than one next hop. */
export function routeNeeds(params: RouteFields): TaskNeed[] {
  const { encap, nexthops = [] } = params;
  const around = [
    ...(encap === undefined ? [] : encapNeeds(encap, 'encap')),
    ...nexthops.flatMap((way) => (way.encap === undefined ? [] : encapNeeds(way.encap, 'nexthops'))),
  ];
  if (nexthops.length < 2 || familyOf(params) === 6) return around;
  return [...around, { what: 'config', which: 'IP_ROUTE_MULTIPATH', option: 'nexthops' }];
}

type Found = [keyof RouteFields, string][];

/** What a task cannot say together. `wanted`: the route is to be there. */
export function routeContradictions(params: RouteFields, wanted: boolean): Found {
  const found: Found = [];
  if (params.dst === undefined && params.to === undefined)
    found.push(['dst', 'say the destination: a network or default']);
  if (params.dst !== undefined && params.to !== undefined) found.push(['to', 'say dst or to, not both']);
  return [...found, ...ofTheWay(params, wanted), ...ofTheFamily(params)];
}

function ofTheWay(params: RouteFields, wanted: boolean): Found {
  const found: Found = [];
  const { type, via, dev, nexthops, nhid } = params;
  const nowhere = leadsNowhere(type);
  if (nowhere && via !== undefined) found.push(['via', `a route of type ${type} has no next hop`]);
  if (nowhere && dev !== undefined) found.push(['dev', `a route of type ${type} has no link`]);
  for (const key of ['nexthops', 'nhid'] as const) {
    if (params[key] === undefined) continue;
    if (nowhere) found.push([key, `a route of type ${type} has no next hop`]);
    if (via !== undefined || dev !== undefined || params.onlink || params.encap !== undefined)
      found.push([key, 'stands instead of via, dev, onlink and encap']);
  }
  if (nexthops !== undefined && nhid !== undefined) found.push(['nhid', 'say nexthops or nhid, not both']);
  if (nexthops?.some((way) => way.via === undefined && way.dev === undefined))
    found.push(['nexthops', 'each needs via, dev or both']);
  if (!nowhere && wanted && [via, dev, nexthops, nhid].every((way) => way === undefined)) {
    found.push(['via', 'say via, dev or both']);
  }
  if (params.onlink && (via === undefined || dev === undefined)) found.push(['onlink', 'needs via and dev']);
  if (params.encap !== undefined && nowhere) found.push(['encap', `a route of type ${type} sends nothing`]);
  for (const name of idleLocks(params)) found.push(['lock', `say a value for ${name} to lock`]);
  return found;
}

function ofTheFamily(params: RouteFields): Found {
  const found: Found = [];
  const family = familyOf(params);
  const vias = [params.via, ...(params.nexthops ?? []).map((way) => way.via)];
  if (family === 6) {
    for (const key of ['scope', 'tos', 'realm'] as const)
      if (params[key] !== undefined) found.push([key, `IPv6 routes have no ${key}`]);
    if (vias.some((via) => via?.includes(':') === false)) found.push(['via', 'an IPv6 route needs an IPv6 next hop']);
    if (params.from !== undefined && params.from !== 'default' && !params.from.includes(':'))
      found.push(['from', otherFamily]);
  } else {
    for (const key of ['pref', 'from'] as const)
      if (params[key] !== undefined) found.push([key, `IPv4 routes have no ${key}`]);
  }
  if (params.src !== undefined && params.src.includes(':') !== (family === 6)) found.push(['src', otherFamily]);
  return found;
}
