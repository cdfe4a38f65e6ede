import { attributesOf, numberOf, textOf } from './messages.ts';
import { addressText, scopes, whole } from './words.ts';

const families = new Map([
  [2, 'inet'],
  [10, 'inet6'],
]);
/** include/uapi/linux/if_addr.h: IFAPROT_*. */
const protocols = new Map([
  [1, 'kernel_lo'],
  [2, 'kernel_ra'],
  [3, 'kernel_ll'],
]);
const [noDad, tentative, permanent, noPrefixRoute] = [0x2, 0x40, 0x80, 0x200];

const [address, local, label, broadcast, cacheinfo, flags, metric, protocol] = [1, 2, 3, 4, 6, 8, 9, 11] as const;
const understood: ReadonlySet<number> = new Set([address, local, label, broadcast, cacheinfo, flags, metric, protocol]);

/** Index of the link that the body of an RTM_NEWADDR message is about. */
export function linkIndexOf(body: Buffer): number {
  return body.length < 8 ? -1 : body.readUInt32LE(4);
}

/**
 * The row that `ip -j -d address show` has of an address. Undefined unless all of it is understood: those with an end or a peer are
 * ip's to tell.
 */
export function addressRow(body: Buffer): Record<string, unknown> | undefined {
  const attributes = attributesOf(body, 8);
  if (attributes === undefined) return undefined;
  for (const type of attributes.keys()) if (!understood.has(type)) return undefined;
  const family = families.get(body[0] ?? 0);
  const scope = scopes.get(body[3] ?? -1);
  const text = addressText(attributes.get(address));
  const own = attributes.get(local);
  const set = numberOf(attributes.get(flags) ?? Buffer.alloc(0));
  const times = attributes.get(cacheinfo);
  if (family === undefined || scope === undefined || text === undefined || set === undefined) return undefined;
  if ((own !== undefined && addressText(own) !== text) || times === undefined || times.length < 8) return undefined;
  if ((set & permanent) === 0 || (set & ~(noDad | tentative | permanent | noPrefixRoute)) !== 0) return undefined;
  const said = attributes.get(protocol);
  const by = said && protocols.get(said[0] ?? 0);
  if (said !== undefined && by === undefined) return undefined;
  const [named, all, priority] = [attributes.get(label), attributes.get(broadcast), attributes.get(metric)];
  return whole({
    ...{ family, local: text, prefixlen: body[1], scope },
    ...(priority && { metric: numberOf(priority) }),
    ...(all && { broadcast: addressText(all) }),
    ...((set & noDad) !== 0 && { nodad: true }),
    ...((set & tentative) !== 0 && { tentative: true }),
    ...((set & noPrefixRoute) !== 0 && { noprefixroute: true }),
    ...(by !== undefined && { protocol: by }),
    ...(named && { label: textOf(named) }),
    ...{ valid_life_time: times.readUInt32LE(4), preferred_life_time: times.readUInt32LE(0) },
  });
}
