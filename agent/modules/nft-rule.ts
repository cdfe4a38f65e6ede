import * as z from 'zod';
import { OrchError } from '../../proto/errors.ts';
import { chainRules, hasChain } from '../linux/nft-listing.ts';
import { defineModule, type Plan, type Step } from './module.ts';
import { checked, inNetns, presence } from './shared/fields.ts';
import { nftNeeds } from './shared/nft/needs.ts';
import { listedForm, ruleProblem } from './shared/nft/one-rule.ts';
import { families, listTable, tableName } from './shared/nft/table.ts';
import { placed, placeText } from './shared/place.ts';

const fields = z.strictObject({
  table: tableName.describe('Name of the table, which is there.'),
  family: z.enum(families).default('inet').describe("The table's family."),
  chain: tableName.describe('Name of the chain, which is there.'),
  rule: checked(ruleProblem)
    .max(10_000)
    .describe(
      'The rule, in the language of nft(8). How `nft list` shows it or otherwise; counts of packets do not count.',
    ),
  place: z
    .enum(['first', 'last'])
    .default('last')
    .describe('Where in the chain a new one goes. One that is there stays.'),
  netns: inNetns,
  state: presence.describe('Whether the chain has the rule.'),
});
type Params = z.infer<typeof fields>;

interface Current {
  /** The chain's rules in order; undefined: no such chain. */
  readonly rules: readonly string[] | undefined;
  /** The rule as nft lists it. */
  readonly wanted: string;
}

function objectOf({ netns, family, table, chain }: Params, rule: string): string {
  return `nft rule ${placed(netns, `${family} ${table} ${chain}`)}: ${rule}`;
}

/** Throws 'missing-object' unless a task before this one makes the table: check mode can't tell its chains. */
function requireChain({ netns, family, table, chain }: Params, asked: boolean): void {
  if (asked) return;
  throw new OrchError({
    code: 'missing-object',
    summary: `There is no chain ${chain} in table ${family} ${table} ${placeText(netns)}.`,
    hint: 'A task before this one makes it, by the module nft.',
  });
}

export const module = defineModule({
  name: 'nft_rule',
  form: 'converge',
  summary: 'Adds a rule to a chain of nftables, or takes it away.',
  notes:
    'For tables that another program, or another task, has made: the module `nft` owns a table as a whole, and would take away ' +
    'what this one adds. The other rules of the chain stay as they are. The rule is compared as nft lists it. A rule that ' +
    'is there several times is taken away as often. Needs nftables (1.0 or newer) on the host.',
  examples: [
    'nft_rule:\n  table: filter\n  chain: input\n  rule: tcp dport 8080 accept\n  place: first',
    'nft_rule:\n  table: guard\n  chain: forward\n  rule: icmp type echo-request counter drop\n  netns: router\n  state: absent',
  ],
  params: fields,

  objects: (params, { wanted }: Current) => [objectOf(params, wanted)],

  needs: ({ family, rule, state }) => [
    { what: 'program', which: 'nft' },
    ...(state === 'absent' ? [] : nftNeeds(family, rule, 'rule')),
  ],

  async read(params, host): Promise<Current> {
    const { netns, family, table, chain, rule } = params;
    const at = { netns, family, table };
    const listing = await listTable(host, at, true);
    const rules =
      listing === undefined || !hasChain(listing, chain)
        ? undefined
        : chainRules(listing, chain).map(({ text }) => text);
    if (rules === undefined || listing === undefined) {
      const made = host.asked().some(({ module: name, params: asked }) => {
        if (name !== 'nft') return false;
        const other = asked as Pick<Params, 'netns' | 'family' | 'table'>;
        return other.netns === netns && other.family === family && other.table === table;
      });
      if (params.state === 'present') requireChain(params, made);
      return { rules, wanted: rule };
    }
    return { rules, wanted: await listedForm(host, { ...at, chain }, rule, { listing, rules }) };
  },

  plan(params, { rules, wanted }): Plan {
    const { netns, family, table, chain, place, state } = params;
    const object = objectOf(params, wanted);
    const rule = { op: 'nft-rule', netns, family, table, chain, rule: wanted } as const;
    const remove = { ...rule, remove: true };
    const before = rules ?? [];
    if (state === 'present') {
      if (before.includes(wanted)) return { steps: [], before, after: before };
      const action = place === 'first' ? { ...rule, index: 0 } : rule;
      const after = place === 'first' ? [wanted, ...before] : [...before, wanted];
      return { steps: [{ object, action, undo: [remove] }], before, after };
    }
    const after = before.filter((other) => other !== wanted);
    const places = before.flatMap((other, at) => (other === wanted ? [at] : []));
    const steps = places.map((at, taken): Step => {
      const back = { ...rule, index: at - taken, count: places.length - taken };
      return { object, action: remove, undo: [back], removes: true };
    });
    return { steps, before, after };
  },
});
