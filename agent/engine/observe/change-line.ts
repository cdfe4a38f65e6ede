import type { Change } from '../../../proto/gen/orch/v1/agent.ts';

/** Longest text of one change, in characters. */
const longest = 500;

/** What a label of `ip monitor label` is about. */
const labels: Readonly<Record<string, string>> = {
  LINK: 'link',
  ADDR: 'address',
  ROUTE: 'route',
  RULE: 'rule',
  NEXTHOP: 'nexthop',
};

type Told = Pick<Change, 'what' | 'text'>;

/** A line of `ip -o monitor label`, whose records have backslashes for line breaks; undefined for what is no change. */
export function ipChange(line: string): Told | undefined {
  const [, label = '', rest = ''] = /^\[([A-Z]+)\](.*)$/.exec(line) ?? [];
  const what = labels[label];
  const text = rest.replace(/\\/g, ' ').replace(/\s+/g, ' ').trim();
  return what === undefined || text === '' ? undefined : { what, text: text.slice(0, longest) };
}

/** A line of `nft monitor`; undefined for remarks, and for what orch itself does to look on. */
export function nftChange(line: string): Told | undefined {
  const text = line.trim();
  if (!/^(add|delete|insert|replace|destroy|flush) /.test(text) || /\borch_why_[0-9a-f]{12}\b/.test(text))
    return undefined;
  return { what: 'nft', text: text.slice(0, longest) };
}

/** Kernel parameters that say how much there is, not what is wished. */
const counts = new Set(['net/netfilter/nf_conntrack_count']);

/** Parameters (lines of `KEY = VALUE`) that have another value than before; those of new and gone devices are none. */
export function sysctlChanges(before: string, now: string): readonly Told[] {
  const old = valuesOf(before);
  return [...valuesOf(now)].flatMap(([key, value]) => {
    const was = old.get(key);
    if (was === undefined || was === value || counts.has(key)) return [];
    return [{ what: 'sysctl', text: `${key}: ${was} -> ${value}`.slice(0, longest) }];
  });
}

function valuesOf(lines: string): ReadonlyMap<string, string> {
  return new Map(
    lines.split('\n').flatMap((line) => {
      const [, key, value] = /^(\S+) = (.*)$/.exec(line) ?? [];
      return key === undefined ? [] : [[key, value ?? ''] as const];
    }),
  );
}
