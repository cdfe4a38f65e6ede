import type { Evidence, Place } from '../seen/evidence.ts';
import { dropsOf, placeOf, placeText, sysctlOf } from '../seen/facts.ts';
import { type Check, checksOf } from '../way/checks.ts';
import { defineCause, type Finding, mend, task } from './cause.ts';

/** EINVAL: a source or destination that cannot come from outside (ip_route_input_slow, __fib_validate_source). */
const refused = 'Invalid argument';

const isLoopback = (address: string) => address.startsWith('127.');

/** Of a device, or of all: either is enough (IN_DEV_ORCONF). */
function isOn(place: Place | undefined, dev: string, key: string): boolean {
  return [dev, 'all'].some((name) => sysctlOf(place, `net.ipv4.conf.${name}.${key}`) === 1);
}

function judgeCheck(evidence: Evidence, check: Check): readonly Finding[] {
  const { stage, host, netns, dev, from, to, direction, lookup, arp } = check;
  if (lookup.refusal !== refused) return [];
  const place = placeOf(evidence, check);
  const dropped = dropsOf(evidence).find(
    (drop) => !arp && drop.host === host && drop.netns === netns && drop.dev === dev && drop.direction === direction,
  );
  const finding = (sentence: string, proof: string, rest: Pick<Finding, 'beware' | 'mend'>): readonly Finding[] => [
    {
      ...{ stage, host, netns, device: dev, direction, sentence, ...rest },
      confidence: dropped === undefined ? 'likely' : 'certain',
      proof: [
        ...(dropped === undefined
          ? []
          : [
              `the kernel of ${host} dropped it on ${dev}: ${dropped.reason}${dropped.location && ` in ${dropped.location}`}`,
            ]),
        `ip route get ${to} from ${from} iif ${dev} in ${placeText(check)}: ${refused}`,
        proof,
      ],
    },
  ];
  const set = (name: string, key: string) =>
    mend(host, task(name, 'sysctl', { name: `net.ipv4.conf.${dev}.${key}`, value: 1 }, netns));

  const loopback = [from, to].find(isLoopback);
  if (loopback !== undefined && !isOn(place, dev, 'route_localnet')) {
    return finding(
      `${placeText(check)} takes no packet ${loopback === from ? 'from' : 'to'} ${loopback} that comes in by ${dev}: it is an address of loopback, and route_localnet is 0.`,
      `net.ipv4.conf.${dev}.route_localnet = 0, net.ipv4.conf.all.route_localnet = 0`,
      { mend: set('Take packets of loopback from this link', 'route_localnet') },
    );
  }
  const own = place?.addresses.find(({ address }) => address === from);
  if (own === undefined || isOn(place, dev, 'accept_local')) return [];
  const sender = evidence.stages.find((other) => other.direction === direction && other.iif === undefined);
  const sentence = `${placeText(check)} takes no ${arp ? 'ARP question' : 'packet'} from ${from} that comes in by ${dev}: the address is its own, on ${own.dev}, and accept_local is 0.`;
  const proof = `ip address in ${placeText(check)}: ${from}/${own.prefix} on ${own.dev}`;
  if (sender?.host === host && sender.netns === netns) {
    // What is for nobody here goes in a circle.
    if (!place?.addresses.some(({ address }) => address === to)) return [];
    return finding(sentence, proof, { mend: set('Take own packets that come back', 'accept_local') });
  }
  return finding(sentence, proof, {
    beware: `accept_local = 1 would let it in, but the answer to ${from} would stay there.`,
    mend: mend(
      host,
      task(
        `Leave ${from} to ${sender === undefined ? 'its sender' : placeText(sender)}`,
        'address',
        { address: `${from}/${own.prefix}`, dev: own.dev, state: 'absent' },
        netns,
      ),
    ),
  });
}

export const cause = defineCause({
  name: 'martian',
  summary: 'A packet comes in with a source or destination that cannot be outside: an own address, or one of loopback.',
  find: (evidence) => checksOf(evidence).flatMap((check) => judgeCheck(evidence, check)),
});
