import type { Mend } from '../../../report/why/why-types.ts';
import type { Evidence, WayEvent } from '../seen/evidence.ts';
import {
  type Combined,
  deviceKey,
  grownBy,
  isV6,
  largerOf,
  linkOf,
  packetText,
  placeOf,
  placeText,
} from '../seen/facts.ts';
import { type Check, checksOf } from '../way/checks.ts';
import { routeBack, wayBack } from '../way/way-back.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

/** What the check of the source fails with: EXDEV, since 6.12's drop reasons EINVAL, which has other meanings too. */
const refused = 'Invalid cross-device link';
const refusedAlso = 'Invalid argument';

/** Why the value that one would try first, 0 on the device, does not help or not for long. */
function beware(dev: string, { all, own }: Combined): string {
  const larger = `the kernel takes the larger of conf.all and conf.${dev}`;
  if (all === 0) return `0 on ${dev} helps only as long as conf.all stays 0: ${larger}. 2 helps with any conf.all.`;
  const tried = own === 0 ? `That ${dev} has 0` : `0 on ${dev}`;
  return `${tried} does not help: conf.all is ${all}, and ${larger}. 2 is larger still.`;
}

/** Loose where that is enough, else none at all: of both, because the larger one counts. */
function mendOf(
  { host, netns, dev, back }: Check,
  { all, effective }: Combined,
  looseRefuses: boolean,
): Mend | undefined {
  const set = (name: string, link: string, value: number) =>
    task(name, 'sysctl', { name: deviceKey(link, 'rp_filter'), value }, netns);
  if (effective === 1 && !looseRefuses)
    return mend(host, set('Accept packets whose way back leaves by another link', dev, 2));
  if (!looseRefuses || back?.refusal !== undefined) return undefined;
  const own = set(`Do not filter what comes in by ${dev}`, dev, 0);
  return all === 0 ? mend(host, own) : mend(host, own, set('Nor by conf.all, which counts for each link', 'all', 0));
}

function dropText({ host, dev, kind, reason, location }: WayEvent): string {
  if (kind === 'source-check') return `the kernel of ${host} refused the source on ${dev}`;
  return `the kernel of ${host} dropped it on ${dev}: ${reason}${location && ` in ${location}`}`;
}

function judgeCheck(evidence: Evidence, check: Check): readonly Finding[] {
  const { host, netns, dev, from, to, lookup, direction, arp } = check;
  const place = placeOf(evidence, check);
  // A device that is down has no routes, so that whatever comes in by it would be refused.
  if (isV6(to) || linkOf(place, dev)?.up === false) return [];
  // An own address is refused whatever the filter is: martian, taken-as-own.
  if (check.back?.type === 'local' || place?.addresses.some(({ address }) => address === from)) return [];
  const setting = largerOf(place, dev, 'rp_filter');
  const drop = evidence.events.find(
    (event) =>
      event.host === host &&
      event.netns === netns &&
      event.dev === dev &&
      event.direction === direction &&
      // An ARP question that is refused is dropped for no reason that the kernel says.
      (arp ? event.asks && event.kind === 'source-check' : event.reason === 'IP_RPFILTER'),
  );
  const backBy = check.back?.dev;
  const elsewhere = check.back !== undefined && (check.back.refusal !== undefined || backBy !== dev);
  // Loose asks for any way back; a device without an address is not even allowed that (__fib_validate_source, no_addr).
  const noAddress = place?.addresses.every((held) => held.dev !== dev || isV6(held.address)) === true;
  const looseRefuses = check.back?.refusal !== undefined || (noAddress && elsewhere);
  const wouldRefuse = setting?.effective === 1 ? elsewhere : setting?.effective === 2 && looseRefuses;
  const says = lookup.refusal === refused || (lookup.refusal === refusedAlso && wouldRefuse);
  if (drop === undefined && !(says && setting !== undefined && setting.effective > 0)) return [];
  const counted = grownBy(place, 'TcpExt.IPReversePathFilter');
  // Others' packets are counted too: without the event, the count must be that of the probe.
  const proven = drop !== undefined || (says && counted === evidence.probe.packets && !arp);
  const certain = setting !== undefined && setting.effective > 0 && proven;
  const value = setting?.effective;
  const way =
    check.back === undefined
      ? ''
      : check.back.refusal === undefined && backBy !== undefined
        ? `the route back to ${from} leaves by ${backBy}`
        : `there is no route back to ${from}`;
  const what = arp ? `the ARP question of ${from} for ${to}` : `the ${packetText(evidence, check)} from ${from}`;
  const mode = value === 2 ? 'loose' : 'strict';
  const rp = setting && `rp_filter there is max(conf.all=${setting.all}, conf.${dev}=${setting.own}) = ${value}`;
  const bare = looseRefuses && backBy !== undefined ? `${dev} has no address, so that loose is no better` : '';
  const reasons = [way, rp, bare].filter((text) => text !== undefined && text !== '').join(', and ');
  const wayless = check.back?.refusal === undefined ? undefined : wayBack(evidence, check);
  const mended =
    setting === undefined
      ? undefined
      : wayless === undefined
        ? mendOf(check, setting, looseRefuses)
        : mend(host, routeBack(wayless, netns));
  return [
    {
      ...foundAt({ index: check.stage, stage: check, dev }, certain ? 'certain' : 'likely'),
      sentence: `The ${mode} reverse-path filter drops ${what} as it comes in by ${dev} of ${placeText(check)}${reasons === '' ? '' : `: ${reasons}`}.`,
      proof: [
        ...(drop === undefined ? [] : [dropText(drop)]),
        ...(says ? [`ip route get ${to} from ${from} iif ${dev}: ${lookup.refusal}`] : []),
        ...(counted > 0 && !arp ? [`TcpExt IPReversePathFilter grew by ${counted}`] : []),
      ],
      ...(setting?.effective !== 1 || looseRefuses ? {} : { beware: beware(dev, setting) }),
      ...(mended === undefined ? {} : { mend: mended }),
    },
  ];
}

export const cause = defineCause({
  name: 'rp-filter',
  summary: 'The reverse-path filter, strict or loose, drops a packet or the ARP question before it.',
  find: (evidence) => checksOf(evidence).flatMap((check) => judgeCheck(evidence, check)),
});
