import type * as z from 'zod';
import { defineModule } from './module.ts';
import { noneOf } from './shared/fields.ts';
import { requireNetns } from './shared/place.ts';
import { familyOf, isOpen, ruleContradictions, ruleNeeds, ruleParams } from './shared/rule/params.ts';
import { makeRule, removeRule, ruleObject, unwanted } from './shared/rule/plan.ts';
import { type Rules, readRules } from './shared/rule/read.ts';
import { isForAll, type Rule, ruleText, wantedRule } from './shared/rule/rule.ts';

/** A rule as it is shown; there may be several alike. */
function told(rules: readonly Rule[]) {
  const [rule, ...more] = rules.map(ruleText);
  if (rule === undefined) return { state: 'absent' };
  return { rule: more.length === 0 ? rule : [rule, ...more] };
}

export const module = defineModule({
  name: 'rule',
  form: 'converge',
  summary: 'Adds or removes a policy routing rule.',
  notes:
    'Where the task says a priority, a rule of that priority that selects the same and does something else is replaced. ' +
    'With `state: absent` and neither table nor type all rules go that have the priority and select what the task says.',
  examples: [
    'rule:\n  priority: 100\n  from: 172.16.91.0/24\n  table: 100',
    'rule:\n  fwmark: "0x10/0xff"\n  table: 200\n  priority: 200\n  netns: ns01',
    'rule:\n  priority: 210\n  ipproto: tcp\n  dport: 8000-8999\n  table: 200',
    'rule:\n  priority: 300\n  table: main\n  suppress_prefixlength: 0',
    'rule:\n  priority: 400\n  not: true\n  uidrange: 0-99\n  goto: 32000',
    'rule:\n  priority: 210\n  state: absent',
    'rule:\n  iif: eth0\n  type: blackhole\n  family: inet6\n  priority: 300\n  state: absent',
  ],
  params: ruleParams.superRefine(
    noneOf((params: z.infer<typeof ruleParams>) => {
      const open = isOpen(params);
      const found = ruleContradictions(params, open);
      return open && isForAll(params)
        ? [...found, ['priority', 'say the rule: its priority, or what it selects'] as const]
        : found;
    }),
  ),

  objects(params, { rules, names }: Rules) {
    const wanted = wantedRule(params, names);
    const all = isOpen(params) ? unwanted(params, wanted, rules) : [wanted];
    return all.map((rule) => ruleObject({ ...rule, priority: wanted.priority }, params.netns));
  },

  needs: (params) => (params.state === 'absent' ? [] : ruleNeeds(params)),

  async read(params, host): Promise<Rules> {
    const found = await readRules(host, params.netns, familyOf(params), [params.table ?? 'main']);
    if (!found.any && params.state === 'present') await requireNetns(host, params.netns);
    return found;
  },

  plan(params, { rules, names, free }) {
    const wanted = wantedRule(params, names);
    const { netns } = params;
    if (params.state === 'absent') {
      const same = unwanted(params, wanted, rules);
      const steps = same.map((rule) => removeRule(rule, wanted.priority, netns));
      return { steps, before: told(same), after: told([]) };
    }
    const after = told([wanted]);
    const { present, steps } = makeRule(wanted, rules, free, netns);
    if (steps.length === 0) return { steps: [], before: after, after };
    return { steps, before: told(present), after };
  },
});
