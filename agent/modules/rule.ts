import * as z from 'zod';
import { defineModule, type Step } from './module.ts';
import { checked, inNetns, linkName, networkProblem, presence, routingTable, u32 } from './shared/fields.ts';
import { cidrText, parseCidr } from './shared/ip-address.ts';
import { placed, readRows, requireNetns } from './shared/place.ts';
import { familyArg } from './shared/route/family.ts';
import { text } from './shared/rows.ts';
import { markText, type Rule, ruleAction, ruleOf, ruleText, selector } from './shared/rule.ts';
import { readTableNames, sameTable, type TableNames } from './shared/tables.ts';

const network = checked((text) => (text === 'all' ? undefined : networkProblem(text)));

const fields = z.strictObject({
  priority: u32.optional().describe('Rules are tried from the lowest number up; default: the kernel chooses one.'),
  from: network.optional().describe('Source addresses; default: all.'),
  to: network.optional().describe('Destination addresses; default: all.'),
  iif: linkName.optional().describe('Link that the packet came in by; lo: packets of the host itself.'),
  oif: linkName.optional().describe('Link that the sending socket is bound to.'),
  fwmark: z
    .union([
      u32,
      z
        .string()
        .regex(/^(0x[0-9a-f]{1,8}|\d{1,10})(\/(0x[0-9a-f]{1,8}|\d{1,10}))?$/i, 'a mark is a number, or number/mask'),
    ])
    .optional()
    .describe('Mark of the packet, with an optional mask: 16, "0x10/0xff".'),
  table: routingTable.optional().describe('Routing table to look in, a number or a name.'),
  type: z
    .enum(['lookup', 'blackhole', 'unreachable', 'prohibit'])
    .default('lookup')
    .describe('What becomes of the packets: a look into the table, or none.'),
  family: z.enum(['inet', 'inet6']).optional().describe('IPv4 or IPv6, where no address says it; default: inet.'),
  netns: inNetns,
  state: presence.describe('Whether the rule is there.'),
});
type Params = z.infer<typeof fields>;

interface Current {
  readonly rules: readonly Rule[];
  readonly names: TableNames;
}

function familyOf(params: Params): 4 | 6 {
  const address = [params.from, params.to].find((text) => text !== undefined && text !== 'all');
  if (address !== undefined) return address.includes(':') ? 6 : 4;
  return params.family === 'inet6' ? 6 : 4;
}

function contradictions(params: Params): [keyof Params, string][] {
  const found: [keyof Params, string][] = [];
  const family = familyOf(params);
  const other = [params.from, params.to].some(
    (text) => text && text !== 'all' && text.includes(':') !== (family === 6),
  );
  if (other) found.push(['to', 'is of the other address family than from']);
  if (params.family !== undefined && (params.family === 'inet6') !== (family === 6)) {
    found.push(['family', 'is not the family of the addresses']);
  }
  if (params.type === 'lookup' && params.table === undefined) found.push(['table', 'say the table to look in']);
  if (params.type !== 'lookup' && params.table !== undefined)
    found.push(['table', `type ${params.type} looks in no table`]);
  return found;
}

function networkText(text: string | undefined): string {
  const cidr = text === undefined || text === 'all' ? undefined : parseCidr(text);
  return cidr === undefined || cidr.prefix === 0 ? 'all' : cidrText(cidr);
}

function wantedRule(params: Params, names: TableNames): Rule {
  const { priority, iif, oif, fwmark } = params;
  return {
    ...{ priority, iif, oif },
    from: networkText(params.from),
    to: networkText(params.to),
    fwmark: fwmark === undefined ? undefined : markText(fwmark),
    action: params.type === 'lookup' ? `lookup ${sameTable(params.table ?? 'main', names)}` : params.type,
  };
}

export const module = defineModule({
  name: 'rule',
  form: 'converge',
  summary: 'Adds or removes a policy routing rule.',
  notes:
    'Where the task says a priority, a rule of that priority that selects the same and does something else is replaced.',
  examples: [
    'rule:\n  priority: 100\n  from: 172.16.91.0/24\n  table: 100',
    'rule:\n  fwmark: "0x10/0xff"\n  table: 200\n  priority: 200\n  netns: ns01',
    'rule:\n  iif: eth0\n  type: blackhole\n  family: inet6\n  priority: 300\n  state: absent',
  ],
  params: fields.superRefine((params, context) => {
    for (const [field, message] of contradictions(params)) context.addIssue({ code: 'custom', path: [field], message });
  }),

  async read(params, host): Promise<Current> {
    const args = [...familyArg(familyOf(params)), 'rule', 'show'];
    const rows = await readRows(host, params.netns, args);
    // Every namespace has the kernel's own rules.
    if (rows.length === 0 && params.state === 'present') await requireNetns(host, params.netns);
    const tables = [String(params.table ?? 'main'), ...rows.flatMap((row) => text(row, 'table') ?? [])];
    const names = await readTableNames(host, tables);
    return { rules: rows.flatMap((row) => ruleOf(row, names) ?? []), names };
  },

  plan(params, { rules, names }) {
    const wanted = wantedRule(params, names);
    const { netns } = params;
    const family = familyOf(params);
    const samePriority = (rule: Rule) => wanted.priority === undefined || rule.priority === wanted.priority;
    const alike = rules.filter((rule) => samePriority(rule) && selector(rule) === selector(wanted));
    const same = alike.filter((rule) => rule.action === wanted.action);
    const object = (rule: Rule) => `rule ${placed(netns, ruleText(rule))}`;
    // Named as the task names it, with or without priority, so that it is known as the one that was added.
    const named = (rule: Rule): Rule => ({ ...rule, priority: wanted.priority });
    const remove = (rule: Rule): Step => ({
      object: object(named(rule)),
      action: ruleAction('delete', named(rule), family, netns),
      undo: [ruleAction('add', rule, family, netns)],
      removes: true,
    });
    if (params.state === 'absent') {
      const before = same.length === 0 ? { state: 'absent' } : { rules: same.map(ruleText) };
      return { steps: same.map(remove), before, after: { state: 'absent' } };
    }
    const after = { rule: ruleText(wanted) };
    if (same.length > 0) return { steps: [], before: after, after };
    const add: Step = {
      object: object(wanted),
      action: ruleAction('add', wanted, family, netns),
      undo: [ruleAction('delete', wanted, family, netns)],
    };
    if (wanted.priority === undefined || alike.length === 0)
      return { steps: [add], before: { state: 'absent' }, after };
    // The new one first, so that no packet meets neither.
    return { steps: [add, ...alike.map(remove)], before: { rules: alike.map(ruleText) }, after };
  },
});
