import type { Evidence, NftTrace, PlaceName } from '../seen/evidence.ts';
import { placeOf } from '../seen/facts.ts';

type Seen = Pick<Evidence, 'places' | 'nft'>;

/** What nftables were seen to change of a packet, so that the kernel does not look its way up by what it came with. */
export interface Rewritten {
  /** fwmark that it had when its way was looked up. */
  readonly mark: number | undefined;
  /** The rule that gave it another destination. */
  readonly destinationRule: string | undefined;
  /** The rule that gave it another source. */
  readonly sourceRule: string | undefined;
  /** What it had then, where it was seen behind them. */
  readonly given: Given;
}

/** Addresses and port that a packet was seen with behind rules, each where it had another one before. */
interface Given {
  readonly destination?: string | undefined;
  readonly port?: number | undefined;
  readonly source?: string | undefined;
}

/** Hooks before the kernel looks up where a packet goes, or after which it looks again. */
const beforeLookup = new Set(['prerouting', 'output']);
const toOther = /\b(dnat|redirect|tproxy)\b/i;
const fromOther = /\b(snat|masquerade)\b/i;

/** A rule that was seen to give a packet another address. */
export interface Rewriting extends PlaceName {
  readonly text: string;
  /** The destination that it gave, where that was seen or it says one. */
  readonly destination: string | undefined;
  /** The port that it gave. */
  readonly port: number | undefined;
  /** It gave another source. */
  readonly ofSource: boolean;
}

/** All of them on the way, each once. */
export function rewritings({ nft }: Pick<Evidence, 'nft'>): readonly Rewriting[] {
  const rules = nft.filter(({ step, text }) => step === 'rule' && (toOther.test(text) || fromOther.test(text)));
  const once = rules.filter(
    (rule, at) =>
      at ===
      rules.findIndex(({ host, netns, text }) => host === rule.host && netns === rule.netns && text === rule.text),
  );
  return once.map(({ host, netns, packet, text }) => {
    const ofSource = fromOther.test(text);
    const lines = nft.filter((line) => line.host === host && line.netns === netns && line.packet === packet);
    const seen = ofSource ? {} : givenIn(lines);
    const { destination, port } = seen.destination === undefined ? { ...seen, ...destinationIn(text) } : seen;
    return { host, netns, text, destination, port, ofSource };
  });
}

/** The statement, not a jump to a chain of that name. */
const notrack = /(?<!jump |goto |\S)notrack(?!\S)/i;

/** Rules that were seen to keep NAT and connection tracking from a packet of the probe. */
export function untracking({ nft }: Pick<Evidence, 'nft'>): readonly NftTrace[] {
  const rules = nft.filter(({ step, text }) => step === 'rule' && notrack.test(text.replace(/"[^"]*"/g, '')));
  // A host says as much as it likes.
  return [...new Map(rules.map((rule) => [JSON.stringify([rule.host, rule.netns, rule.text]), rule])).values()];
}

/** The addresses in a trace's line about a packet, and the ports that it goes to and comes from. */
export function headerIn(text: string): Given & { readonly sourcePort?: number | undefined } {
  const [, source, destination] = /\bip6? saddr (\S+) ip6? daddr (\S+)/.exec(text) ?? [];
  const port = (pattern: RegExp) => {
    const [, found] = pattern.exec(text) ?? [];
    return found === undefined ? undefined : Number(found);
  };
  return { source, destination, port: port(/ dport (\d+)/), sourcePort: port(/ sport (\d+)/) };
}

/** How one packet came out, by the lines about it. */
function givenIn(lines: readonly NftTrace[]): Given {
  const headers = lines.flatMap(({ step, text }) => (step === 'packet' ? headerIn(text) : []));
  const [first, last] = [headers[0], headers.at(-1)];
  if (first === undefined || last === undefined) return {};
  const port = last.port === first.port ? undefined : last.port;
  return {
    destination: last.destination === first.destination && port === undefined ? undefined : last.destination,
    port,
    source: last.source === first.source ? undefined : last.source,
  };
}

/** As nft ends a rule of NAT: flags, which without a port change no destination, and a comment. */
const ending = '(?: (?:fully-random|random|persistent|,)+)?(?: comment "[^"]*")?$';
const address = '(?:ip6? )?to (\\d+(?:\\.\\d+){3}|[0-9a-f]*:[0-9a-f:.]*)';
const toAddress = new RegExp(`\\bdnat ${address}${ending}`, 'i');
const toPort = new RegExp(`\\bdnat (?:ip6? )?to (?:(\\d+(?:\\.\\d+){3})|\\[([0-9a-f:.]+)\\]):(\\d+)${ending}`, 'i');
const fromAddress = new RegExp(`\\bsnat ${address}${ending}`, 'i');

/** The one address that a rule gives packets, and the port where it says one; undefined where it says none, or several. */
export function destinationIn(text: string): { readonly destination: string; readonly port?: number } | undefined {
  const [, v4, v6, port] = toPort.exec(text) ?? [];
  const destination = v4 ?? v6 ?? toAddress.exec(text)?.[1];
  return destination === undefined ? undefined : { destination, ...(port === undefined ? {} : { port: Number(port) }) };
}

/** The one address that a rule puts in the sender's place; undefined where it says none, as `masquerade`, or several. */
export function sourceIn(text: string): string | undefined {
  return fromAddress.exec(text)?.[1];
}

/** Whether it puts that of the device in the sender's place which a packet leaves by. */
export function masquerades(text: string): boolean {
  return /\bmasquerade\b/i.test(text);
}

/** What became of a packet with these addresses in a namespace, by the trace of its rules. */
export function rewrittenIn(seen: Seen, at: PlaceName, from: string, to: string): Rewritten {
  const chains = placeOf(seen, at)?.nftChains ?? [];
  const here = seen.nft.filter(({ host, netns }) => host === at.host && netns === at.netns);
  const isOf = ({ step, text }: NftTrace) =>
    step === 'packet' && text.includes(` saddr ${from} `) && text.includes(` daddr ${to} `);
  const packets = new Set(here.filter(isOf).map(({ packet }) => packet));
  const lines = here.filter(({ packet }) => packets.has(packet));
  const rule = (pattern: RegExp) => lines.find(({ step, text }) => step === 'rule' && pattern.test(text))?.text;
  const mark = lines
    .filter(({ family, table, chain }) =>
      chains.some(
        (one) => one.family === family && one.table === table && one.name === chain && beforeLookup.has(one.hook ?? ''),
      ),
    )
    .flatMap(({ verdict }) => /\bmeta mark (0x[0-9a-f]+)/.exec(verdict)?.[1] ?? [])
    .at(-1);
  return {
    mark: mark === undefined ? undefined : Number(mark),
    destinationRule: rule(toOther),
    sourceRule: rule(fromOther),
    given: givenIn(lines),
  };
}
