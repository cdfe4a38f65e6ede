import type { Mend } from '../../../report/why/why-types.ts';
import type { Direction, Evidence, NftTrace, Place, PlaceName } from '../seen/evidence.ts';
import { dropsOf, fullTracking, isAt, isTracked, isV6, placeOf, placeText } from '../seen/facts.ts';
import { bridgeOnWay, filteringBridge } from '../way/bridged.ts';
import { directionsOfLines, mayDrop, type NftDrop, nftDrops } from '../way/nft-drops.ts';
import { bareRule, nftRuleTask } from '../way/nft-mend.ts';
import { defineCause, type Finding, mend } from './cause.ts';

/** The place of a packet filter on the way. */
function stageOf(evidence: Evidence, at: PlaceName, direction: Direction): number {
  const { stages } = evidence;
  const index = stages.findIndex((stage) => isAt(stage, at) && stage.direction === direction);
  if (index >= 0) return index;
  return bridgeOnWay(evidence, at, direction)?.stage ?? Math.max(0, stages.length - 1);
}

/** Takes the rule away; where it is the policy, accepts what goes between the two, and what comes back by the same chain. */
function mendOf(evidence: Evidence, line: NftTrace, rule: NftDrop['rule']): { readonly mend?: Mend } {
  const { host, netns, family, table, chain, step } = line;
  if (rule !== undefined) {
    const away = nftRuleTask('Take the rule away', rule, bareRule(rule.text), { state: 'absent' }, netns);
    return { mend: mend(host, away) };
  }
  // With the addresses that it has there.
  const sent =
    evidence.stages.find((stage) => isAt(stage, line) && stage.direction === 'request') ?? evidence.stages[0];
  const own = placeOf(evidence, line)?.nftChains.find(
    (one) => one.family === family && one.table === table && one.name === chain,
  );
  if (step !== 'policy' || sent === undefined || own === undefined || !['inet', 'ip', 'ip6', 'bridge'].includes(family))
    return {};
  const { from, to } = sent;
  const ip = isV6(to) ? 'ip6' : 'ip';
  const accept = (source: string, destination: string) =>
    nftRuleTask(
      `Accept what goes from ${source} to ${destination}`,
      line,
      `${ip} saddr ${source} ${ip} daddr ${destination} accept`,
      { place: 'last' },
      netns,
    );
  const here = (address: string) =>
    placeOf(evidence, line)?.addresses.some((held) => held.address === address) === true;
  const sends = own.hook === 'output' ? here : (address: string) => !here(address);
  // A host may be sent back to itself: then both are the same.
  const ways = [...(sends(from) ? [accept(from, to)] : []), ...(sends(to) && to !== from ? [accept(to, from)] : [])];
  return ways.length === 0 ? {} : { mend: mend(host, ...ways) };
}

function byTrace(evidence: Evidence): readonly Finding[] {
  return nftDrops(evidence)
    .filter(({ line, direction }) => filteringBridge(evidence, line, direction) === undefined)
    .map(({ line, direction, what, proof, rule }): Finding => {
      const { host, netns, text } = line;
      return {
        stage: stageOf(evidence, line, direction),
        confidence: 'certain',
        host,
        netns,
        direction,
        sentence: `nftables of ${placeText(line)} drops the ${direction}: ${what}.`,
        proof: [proof],
        ...(/\bct state [^ ]*invalid/.test(text)
          ? { beware: `${placeText(line)} did not see how the connection began: the other direction goes another way.` }
          : {}),
        ...mendOf(evidence, line, rule),
      };
    });
}

/** Hooks of nftables that packets come to where they are made, passed on, and delivered. */
const hooks = {
  made: /^(output|postrouting|egress)$/,
  passed: /^(ingress|prerouting|forward|postrouting|egress)$/,
  delivered: /^(ingress|prerouting|input)$/,
};

/** In the order in which packets come to them, where they are followed. */
const followed = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

/** Which chains a packet may come to in a namespace: those jumped to among them, not those that it was followed through. */
function chainsMet(evidence: Evidence, at: PlaceName, direction: Direction) {
  const { first, names } = followedIn(evidence, at, direction);
  const stages = evidence.stages.filter((stage) => isAt(stage, at) && stage.direction === direction);
  const ways = stages.flatMap(({ iif, lookup }) => {
    if (iif !== undefined) return lookup.type === 'local' ? hooks.delivered : hooks.passed;
    return lookup.type === 'local' ? [hooks.made, hooks.delivered] : hooks.made;
  });
  return (chain: Place['nftChains'][number] | undefined): boolean => {
    const { hook } = chain ?? {};
    if (chain !== undefined && /^(inet|ip6?)$/.test(chain.family)) {
      // It may have come to an earlier hook before it was followed.
      const isBehind = hook === undefined ? names.size > 0 : followed.indexOf(hook) >= first;
      if (isBehind || names.has(keyOf(chain))) return false;
    }
    if (hook === undefined || ways.length === 0 || chain?.family === 'bridge') return true;
    return ways.some((way) => way.test(hook));
  };
}

function keyOf({ family, table, name }: Pick<Place['nftChains'][number], 'family' | 'table' | 'name'>): string {
  return `${family} ${table} ${name}`;
}

/** The chains that packets of a direction were followed through in a namespace, and where the first of their hooks is among `followed`. */
function followedIn(evidence: Evidence, at: PlaceName, direction: Direction) {
  const directionOf = directionsOfLines(evidence);
  const lines = evidence.nft.filter((line) => isAt(line, at) && directionOf(line) === direction);
  const names = new Set(lines.map((line) => keyOf({ ...line, name: line.chain })));
  const chains = placeOf(evidence, at)?.nftChains.filter((chain) => names.has(keyOf(chain))) ?? [];
  const hooks = chains.map(({ hook = '' }) => followed.indexOf(hook)).filter((index) => index >= 0);
  const none = names.size > 0 && hooks.length === 0 ? 0 : Number.POSITIVE_INFINITY;
  return { names, first: hooks.reduce((least, index) => Math.min(least, index), none) };
}

function byDrop(evidence: Evidence): readonly Finding[] {
  return (
    dropsOf(evidence)
      // A word about the probe is not the probe: that it was lost is not why this failed. Questions: neighbour-filtered.
      .filter(({ reason, about, asks }) => reason === 'NETFILTER_DROP' && !about && !asks)
      .flatMap(({ host, netns = '', dev, direction, reason, location }): readonly Finding[] => {
        const at = { host, netns };
        const place = placeOf(evidence, at);
        const suspects = mayDrop(place, evidence.question, chainsMet(evidence, at, direction));
        // The kernel drops what it cannot keep track of, for the same reason.
        if (!isTracked(evidence, at, direction) && suspects.length === 0 && fullTracking(place) !== undefined)
          return [];
        return [
          {
            stage: stageOf(evidence, at, direction),
            confidence: 'likely',
            ...at,
            device: dev === '' ? undefined : dev,
            direction,
            sentence: `A packet filter of ${placeText(at)} drops the ${direction}${suspects.length > 0 ? `; what may do so: ${suspects.join(', or ')}` : ''}.`,
            proof: [`the kernel of ${host} dropped it: ${reason}${location && ` in ${location}`}`],
          },
        ];
      })
  );
}

export const cause = defineCause({
  name: 'netfilter',
  summary: 'An nftables or iptables rule, or a policy, drops or rejects the packet.',
  // Where the rules themselves were followed, a bare drop says no more: also where another cause tells what they did.
  find: (evidence) => (nftDrops(evidence).length > 0 ? byTrace(evidence) : byDrop(evidence)),
});
