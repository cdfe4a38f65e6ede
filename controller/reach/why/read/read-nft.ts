import type { Place } from '../seen/evidence.ts';
import { chainsIn } from '../way/nft-drops.ts';

/** Without the tables that agents make to have packets traced (nft-tracer.ts). A table ends with a brace of its own column, and holds no other. */
function withoutOwn(text: string): string {
  return text.replace(/^table inet orch_why_[0-9a-f]{12} \{.*\n(?:(?!\}$|table ).*\n)*\}$/gm, '');
}

/**
 * Chains and rules of `nft -a list ruleset`, each rule with its handle, and maps that lead to chains. Lines of another form are
 * passed over, and tables of agents.
 */
export function readNft(text: string): Pick<Place, 'nftChains' | 'nftRules' | 'nftMaps'> {
  const nftChains: Place['nftChains'] = [];
  const nftRules: Place['nftRules'] = [];
  const maps: (Omit<Place['nftMaps'][number], 'chains'> & { readonly chains: Set<string> })[] = [];
  let table: { readonly family: string; readonly table: string } | undefined;
  let chain: Place['nftChains'][number] | undefined;
  let map: (typeof maps)[number] | undefined;
  for (const line of withoutOwn(text)
    .split('\n')
    .map((raw) => raw.trim())) {
    const [, family, name] = /^table (\w+) (\S+) \{/.exec(line) ?? [];
    const [, mapName] = /^map (\S+) \{/.exec(line) ?? [];
    const [, chainName] = /^chain (\S+) \{/.exec(line) ?? [];
    const [, ruleText, handle] = /^(.*\S) # handle (\d+)$/.exec(line) ?? [];
    if (family !== undefined && name !== undefined) table = { family, table: name };
    else if (table !== undefined && chain === undefined && /^flags .*\bdormant\b/.test(line)) table = undefined;
    else if (table !== undefined && chainName !== undefined) {
      chain = { ...table, name: chainName };
      nftChains.push(chain);
    } else if (table !== undefined && mapName !== undefined) {
      map = { ...table, name: mapName, chains: new Set() };
      maps.push(map);
    } else if (line === '}') [chain, map] = [undefined, undefined];
    else if (map !== undefined) for (const name of chainsIn(line)) map.chains.add(name);
    else if (chain !== undefined && line.startsWith('type ')) {
      const [, hook] = /\bhook (\w+)/.exec(line) ?? [];
      const [, policy] = /\bpolicy (\w+);/.exec(line) ?? [];
      if (hook !== undefined) chain.hook = hook;
      if (policy !== undefined) chain.policy = policy;
    } else if (chain !== undefined && table !== undefined && ruleText !== undefined) {
      nftRules.push({ ...table, chain: chain.name, handle: Number(handle), text: ruleText });
    }
  }
  const nftMaps = maps.flatMap(({ chains, ...one }) => (chains.size > 0 ? { ...one, chains: [...chains] } : []));
  return { nftChains, nftRules, nftMaps };
}
