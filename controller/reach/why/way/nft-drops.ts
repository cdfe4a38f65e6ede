import type { Direction, Evidence, NftTrace, Place, Question } from '../seen/evidence.ts';
import { placeOf } from '../seen/facts.ts';
import { bareRule } from './nft-mend.ts';
import { headerIn } from './rewritten.ts';

type Rule = Place['nftRules'][number];
type Chain = Place['nftChains'][number];

/** A rule or policy of nftables that was seen to drop a packet of the probe. */
export interface NftDrop {
  readonly line: NftTrace;
  readonly direction: Direction;
  /** The rule, where it could be found. */
  readonly rule: Rule | undefined;
  readonly what: string;
  readonly proof: string;
}

/** A trace line's rule among those of the chain: the trace has its text, the ruleset its handle. */
function ruleOf(evidence: Evidence, line: NftTrace): Rule | undefined {
  const rules = placeOf(evidence, line)?.nftRules.filter(
    (rule) => rule.family === line.family && rule.table === line.table && rule.chain === line.chain,
  );
  const words = (text: string) => bareRule(text).replace(/\s+/g, ' ');
  const same = rules?.filter((rule) => words(rule.text) === words(line.text)) ?? [];
  return same.length === 1 ? same[0] : undefined;
}

/**
 * Which way a packet went, by its type or ports. Where they do not tell, a reply is what has the addresses of a request the other
 * way round: one of them alone says nothing, as NAT may give both ends the same.
 */
function directionOf({ question, stages }: Evidence, packet: string): Direction {
  const [, type] = / type echo-(request|reply)\b/.exec(packet) ?? [];
  if (type !== undefined) return type === 'reply' ? 'reply' : 'request';
  const { source, destination, port, sourcePort } = headerIn(packet);
  const requests = stages.filter((stage) => stage.direction === 'request');
  const ports = [question, ...requests].map((asked) => asked.port);
  const isAsked = (one: number | undefined) => one !== undefined && ports.includes(one);
  if (isAsked(port) !== isAsked(sourcePort)) return isAsked(port) ? 'request' : 'reply';
  const isBack = (from: string, to: string) => from === destination && to === source;
  const [first] = requests;
  const back =
    (first !== undefined && isBack(first.from, question.to)) || requests.some(({ from, to }) => isBack(from, to));
  return back ? 'reply' : 'request';
}

/** Which way the packet went that was followed with a line. */
export function directionsOfLines(evidence: Evidence): (line: NftTrace) => Direction {
  const first = evidence.nft.filter(({ step }) => step === 'packet').reverse();
  const ways = new Map(first.map(({ packet, text }) => [packet, directionOf(evidence, text)]));
  return ({ packet }) => ways.get(packet) ?? directionOf(evidence, '');
}

export function nftDrops(evidence: Evidence): readonly NftDrop[] {
  const directionOfLine = directionsOfLines(evidence);
  return evidence.nft
    .filter(
      ({ verdict, step, text }) =>
        /^(drop|reject)\b/.test(verdict) && (step === 'policy' || step === 'rule' || text !== ''),
    )
    .map((line) => {
      const { family, table, chain, step, text, verdict } = line;
      const direction = directionOfLine(line);
      const rule = ruleOf(evidence, line);
      const name = `chain ${family} ${table} ${chain}`;
      const what =
        step === 'policy'
          ? `the policy of ${name} is drop, and no rule accepts it before`
          : `rule${rule === undefined ? '' : ` ${rule.handle}`} of ${name}, ${text}`;
      const proof = `nft monitor trace: ${family} ${table} ${chain} ${step} ${text} (verdict ${verdict})`;
      return { line, direction, rule, what, proof: proof.replace(/ +/g, ' ') };
    });
}

export function ruleText({ family, table, chain, handle, text }: Rule): string {
  return `rule ${handle} of ${family} ${table} ${chain}: ${text}`;
}

/** A rule's text without comments and prefixes of logs. */
function unquoted(text: string): string {
  return text.replace(/"[^"]*"/g, '""');
}

/** Chains that verdicts lead to. */
export function chainsIn(text: string): readonly string[] {
  return [...unquoted(text).matchAll(/\b(?:jump|goto) ([^\s,}]+)/g)].flatMap(([, name]) => name ?? []);
}

/** Rules that drop or reject some packets; a chain that one jumps to may have such a word in its name. */
export function dropping(place: Place | undefined): readonly Rule[] {
  return place?.nftRules.filter(({ text }) => /(?<![-\w])(drop|reject)(?![-\w])/.test(unquoted(text))) ?? [];
}

/** What only packets of another protocol have. */
const others: Readonly<Record<Question['protocol'], RegExp>> = {
  icmp: /\b(?:tcp|udp|udplite|th|sctp|dccp) (?:[sd]port|flags)\b|\b(?:l4proto|protocol|nexthdr) (?:tcp|udp)\b/,
  tcp: /\budp [sd]port\b|\bicmp(?:v6)? |\b(?:l4proto|protocol|nexthdr) (?:udp|icmp|ipv6-icmp)\b/,
  udp: /\btcp (?:[sd]port|flags)\b|\bicmp(?:v6)? |\b(?:l4proto|protocol|nexthdr) (?:tcp|icmp|ipv6-icmp)\b/,
};

/** What might have dropped a packet in a namespace, where no rule was followed: of some chains, of what its protocol may meet. */
export function mayDrop(
  place: Place | undefined,
  { protocol }: Pick<Question, 'protocol'>,
  isMet: (chain: Chain | undefined) => boolean = () => true,
): readonly string[] {
  const chains = new Map(place?.nftChains.map((chain) => [`${chain.family} ${chain.table} ${chain.name}`, chain]));
  const chainOf = ({ family, table, chain }: Rule) => chains.get(`${family} ${table} ${chain}`);
  // What a rule rejects with is no packet that it takes.
  const asked = ({ text }: Rule) => unquoted(text).replace(/\breject with .*$/, 'reject');
  const rules = dropping(place).filter((rule) => isMet(chainOf(rule)) && !others[protocol].test(asked(rule)));
  const policies = place?.nftChains.filter((chain) => chain.policy === 'drop' && isMet(chain)) ?? [];
  return [
    ...rules.map(ruleText),
    ...policies.map(({ family, table, name }) => `the policy of ${family} ${table} ${name}`),
  ];
}
