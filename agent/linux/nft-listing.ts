/** A rule of a chain as nft lists it; `handle` only where it was asked for them (`-a`). */
interface ListedRule {
  readonly text: string;
  readonly handle: number | undefined;
}

/** What stands before the rules of a chain: its hook, flags, comment. */
const header = /^(type \w+ hook |flags |comment ")/;

/**
 * The rules of one chain in a listing of it or its table (`nft list`), in order; none where it is not in there. Each rule is
 * a line of its own (rule_print, src/rule.c of nftables).
 */
export function chainRules(listing: string, chain: string): readonly ListedRule[] {
  const lines = listing.split('\n').map((line) => line.trim());
  const start = lines.findIndex((line) => withoutHandle(line) === `chain ${chain} {`);
  if (start < 0) return [];
  const inside = lines.slice(start + 1, lines.indexOf('}', start));
  const begin = inside.findIndex((line) => !header.test(line));
  return begin < 0
    ? []
    : inside
        .slice(begin)
        .filter((line) => line !== '')
        .map(ruleOf);
}

/** Whether the chain is in the listing of its table. */
export function hasChain(listing: string, chain: string): boolean {
  return listing.split('\n').some((line) => withoutHandle(line.trim()) === `chain ${chain} {`);
}

function withoutHandle(line: string): string {
  return line.replace(/ # handle \d+$/, '');
}

function ruleOf(line: string): ListedRule {
  const [, handle] = / # handle (\d+)$/.exec(line) ?? [];
  return { text: withoutHandle(line), handle: handle === undefined ? undefined : Number(handle) };
}
