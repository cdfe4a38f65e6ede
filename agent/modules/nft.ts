import * as z from 'zod';
import { defineModule, type Plan, type Step } from './module.ts';
import { checked, inNetns, presence } from './shared/fields.ts';
import { withoutPassing } from './shared/nft/elements.ts';
import { nftNeeds } from './shared/nft/needs.ts';
import { rulesProblem } from './shared/nft/rules.ts';
import { families, listTable, tableName, tableText, wantedForm } from './shared/nft/table.ts';
import { placed } from './shared/place.ts';

const fields = z.strictObject({
  table: tableName.describe('Name of the table.'),
  family: z.enum(families).default('inet').describe('What packets it sees; inet: IPv4 and IPv6.'),
  rules: checked(rulesProblem)
    .max(500_000)
    .optional()
    .describe('All of the table: what stands between its braces, in the language of nft(8).'),
  netns: inNetns,
  state: presence.describe('Whether the table is there.'),
});
type Params = z.infer<typeof fields>;

interface Current {
  /** The listings to compare; undefined: no such table. */
  readonly present: string | undefined;
  readonly wanted: string | undefined;
  /** All of the table that is there, when it is to be changed. */
  readonly full: string | undefined;
  /** The lab made or changed it before. */
  readonly owned: boolean;
}

function objectOf({ netns, family, table }: Params): string {
  return `nft ${placed(netns, `${family} ${table}`)}`;
}

function stepOf(params: Params, full: string | undefined): Step {
  const { netns, family, table, rules = '' } = params;
  const at = { netns, family, table };
  const put = (text: string) => ({ op: 'nft', ...at, text }) as const;
  const remove = { op: 'nft', ...at } as const;
  const undo = [full === undefined ? remove : put(full)];
  const object = objectOf(params);
  if (params.state === 'absent') return { object, action: remove, undo, removes: true };
  return { object, action: put(tableText(at, rules)), undo };
}

export const module = defineModule({
  name: 'nft',
  form: 'converge',
  summary: 'Makes, replaces or removes a table of nftables.',
  notes:
    "The task owns the whole table. Other tables are never touched. The rules are loaded by the host's own nft in a " +
    'network namespace that nobody sees; what it lists there is compared with what it lists of the table, so a rule may ' +
    'be written in any way that nft takes, and a mistake is shown before anything is changed. Where the two differ the ' +
    'table is replaced in one transaction: no packet meets half of it. Counters, quotas used, and what packets and the ' +
    'clock do to sets with the flag dynamic or timeout do not count as differences; a replaced table begins with the ' +
    'values that its rules say. `iif`, `oif` and `device` name links that exist already; `iifname` and `oifname` need ' +
    "not. Rules may not include files; a template can: `rules: \"{{ lookup('file', 'lab.nft') }}\"`. Needs nftables " +
    '(1.0 or newer) on the host.',
  examples: [
    'nft:\n  table: lab\n  rules: |\n    chain input {\n      type filter hook input priority filter; policy accept;\n      ct state established,related accept\n      tcp dport { 22, 80 } accept\n      icmp type echo-request limit rate 5/second accept\n    }',
    'nft:\n  table: nat\n  family: ip\n  netns: ns01\n  rules: |\n    chain postrouting {\n      type nat hook postrouting priority srcnat;\n      oifname "eth0" masquerade\n    }',
    'nft:\n  table: lab\n  state: absent',
  ],
  params: fields.superRefine((params, context) => {
    if (params.state !== 'present' || params.rules !== undefined) return;
    context.addIssue({
      code: 'custom',
      path: ['rules'],
      message: 'say what the table holds (an empty text is a table)',
    });
  }),

  objects: (params) => [objectOf(params)],

  needs: ({ family, rules, state }) => [
    { what: 'program', which: 'nft' },
    ...(state === 'absent' ? [] : nftNeeds(family, rules ?? '', 'rules')),
  ],

  async read(params, host): Promise<Current> {
    const at = { netns: params.netns, family: params.family, table: params.table };
    const owned = host.owns(objectOf(params));
    const present = await listTable(host, at, true);
    if (params.state === 'absent') {
      const full = present === undefined ? undefined : await listTable(host, at, false);
      return { present, wanted: undefined, full, owned };
    }
    const wanted = await wantedForm(host, at, params.rules ?? '', present);
    if (present === undefined || present === wanted) return { present, wanted, full: undefined, owned };
    const compared = withoutPassing(present, wanted);
    const same = compared.present === compared.wanted;
    return { ...compared, full: same ? undefined : await listTable(host, at, false), owned };
  },

  plan(params, { present, wanted, full, owned }): Plan {
    const plan = { before: present, after: wanted };
    if (present === wanted) return { steps: [], ...plan };
    const warnings =
      present === undefined || owned
        ? []
        : [`${objectOf(params).replace('nft', 'table')} was there before this lab; destroy brings it back as it was`];
    return { steps: [stepOf(params, full)], ...plan, warnings };
  },
});
