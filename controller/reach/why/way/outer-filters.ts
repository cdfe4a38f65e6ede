import type { Place } from '../seen/evidence.ts';
import { isV6 } from '../seen/facts.ts';
import { ruleText } from './nft-drops.ts';
import { type OuterPackets, readRule } from './outer-rule.ts';

type Chain = Pick<Place['nftChains'][number], 'family' | 'table' | 'name' | 'policy'>;
type Rule = Place['nftRules'][number];

/** What may drop the outer packets of a tunnel. */
export interface OuterFilter {
  readonly chain: Chain;
  /** Undefined: the chain's policy does. */
  readonly rule: Rule | undefined;
  /** It names their protocol or port. */
  readonly names: boolean;
  /** It takes them, and nothing before it does. */
  readonly sure: boolean;
}

export function filterText({ chain, rule }: OuterFilter): string {
  return rule === undefined ? `the policy of ${chain.family} ${chain.table} ${chain.name}` : ruleText(rule);
}

/** What becomes of packets in a chain. */
interface Passage {
  readonly filters: readonly OuterFilter[];
  /** They may be accepted there. */
  readonly accepts: boolean;
  /** They do not come out at its end. */
  readonly ends: boolean;
}

const nothing: Passage = { filters: [], accepts: false, ends: false };

/** As deep as the kernel lets chains lead to others (NFT_JUMP_STACK_SIZE in include/net/netfilter/nf_tables.h). */
const mostJumps = 16;

/** Follows packets through the chains of a namespace. */
class Ruleset {
  private readonly place: Place;
  private readonly packets: OuterPackets;
  private readonly rules = new Map<string, Rule[]>();
  // A chain does the same wherever it is come to from; one that leads into itself, which the kernel refuses, does nothing.
  private readonly known = new Map<string, Passage>();

  constructor(place: Place, packets: OuterPackets) {
    this.place = place;
    this.packets = packets;
    for (const rule of place.nftRules) {
      const key = keyOf({ ...rule, name: rule.chain });
      const rules = this.rules.get(key);
      if (rules === undefined) this.rules.set(key, [rule]);
      else rules.push(rule);
    }
  }

  /** Chains that hold rules, whether anything is known of them or not. */
  get chains(): readonly Chain[] {
    return [...this.rules.values()].flatMap(([rule]) => (rule === undefined ? [] : [{ ...rule, name: rule.chain }]));
  }

  through(chain: Chain, depth = 0): Passage {
    const key = keyOf(chain);
    const known = this.known.get(key);
    if (known !== undefined || depth > mostJumps) return known ?? nothing;
    this.known.set(key, nothing);
    const passage = this.follow(chain, depth);
    this.known.set(key, passage);
    return passage;
  }

  private follow(chain: Chain, depth: number): Passage {
    const found = new Map<Rule | Chain, OuterFilter>();
    const add = (filter: OuterFilter) => {
      const key = filter.rule ?? filter.chain;
      if (found.get(key)?.sure !== true) found.set(key, filter);
    };
    const merged = new Set<string>();
    let [accepts, returns] = [false, false];
    const left = (ends: boolean): Passage => ({ filters: [...found.values()], accepts, ends: ends && !returns });
    const maps = this.place.nftMaps.filter(({ family, table }) => family === chain.family && table === chain.table);
    // Tables of these families see ports and devices below the one that IP has them by.
    const isBelow = chain.family === 'bridge' || chain.family === 'netdev';
    const packets = isBelow ? { ...this.packets, iif: undefined, oif: undefined } : this.packets;
    for (const rule of this.rules.get(keyOf(chain)) ?? []) {
      const { takes, names, verdicts } = readRule(rule.text, packets, maps);
      const taken = takes === true && verdicts.length === 1;
      for (const verdict of takes === false ? [] : verdicts) {
        const isOpen = !accepts && !returns;
        const [what = '', target] = verdict.split(' ');
        const isDrop = what === 'drop' || what === 'reject';
        if (target !== undefined) {
          const passage = this.through({ ...chain, name: target }, depth + 1);
          // What is found there again is no surer.
          const merging = merged.has(`${target} ${taken}`) ? [] : passage.filters;
          merged.add(`${target} ${taken}`);
          for (const filter of merging)
            if (taken || filter.names) add({ ...filter, sure: filter.sure && taken && isOpen });
          if (passage.accepts) accepts = true;
          if (taken && passage.ends) return left(true);
        } else if (what === 'accept' || what === 'queue') accepts = true;
        else if (isDrop && (taken || names)) add({ chain, rule, names, sure: taken && isOpen });
        const isBack = what === 'return' || what === 'goto';
        if (taken && what !== 'jump' && what !== 'continue') return left(!isBack);
        if (isBack) returns = true;
      }
    }
    return left(false);
  }
}

function keyOf({ family, table, name }: Chain): string {
  return `${family} ${table} ${name}`;
}

/** True for a table whose hooks the packets come to; undefined: nobody knows. */
function isFor({ family }: Chain, { from, to, bridged }: OuterPackets): boolean | undefined {
  if (family === 'bridge') return bridged;
  // Of one device, which is not known.
  if (family === 'netdev') return undefined;
  const [address] = [...to, ...from];
  if (family === 'inet' || address === undefined) return family === 'inet' || undefined;
  return family === (isV6(address) ? 'ip6' : 'ip');
}

/** Hooks that meet what a namespace sends itself, what it passes on, and what is for it. */
const hooks = {
  sent: ['output', 'postrouting', 'egress'],
  passed: ['ingress', 'prerouting', 'forward', 'postrouting', 'egress'],
  received: ['ingress', 'prerouting', 'input'],
} as const;

export type Side = keyof typeof hooks;

/** What may drop the outer packets of a tunnel where a namespace sends them, passes them on, or gets them. */
export function outerFilters(place: Place, packets: OuterPackets, side: Side): readonly OuterFilter[] {
  const ruleset = new Ruleset(place, packets);
  const bases = place.nftChains.filter(({ hook }) => hook !== undefined);
  const met = bases.filter(({ hook }) => hooks[side].some((one) => one === hook));
  // Of a table without a known hook nobody knows who comes to its chains.
  const isKnown = (chain: Chain) => bases.some(({ family, table }) => family === chain.family && table === chain.table);
  const loose = ruleset.chains.filter((chain) => !isKnown(chain));
  const found = [...met, ...loose].flatMap((chain) => {
    const isThere = isFor(chain, packets);
    if (isThere === false) return [];
    const { filters, accepts, ends } = ruleset.through(chain);
    const policy = { chain, rule: undefined, names: false, sure: !accepts };
    const all = chain.policy === 'drop' && !ends ? [...filters, policy] : filters;
    const isSure = isThere === true && isKnown(chain);
    return all.map((filter) => ({ ...filter, sure: filter.sure && isSure }));
  });
  return [...new Map(found.map((filter) => [filterText(filter), filter])).values()];
}
