import * as z from 'zod';
import { defineModule, type Plan } from './module.ts';
import { inNetns } from './shared/fields.ts';
import { exactField, listFamilies, listFamily, listView } from './shared/lists.ts';
import { requireNetns } from './shared/place.ts';
import { familyOf, ruleContradictions, ruleFields, ruleNeeds } from './shared/rule/params.ts';
import { makeRule, removeRule, ruleObject } from './shared/rule/plan.ts';
import { type Rules, readRules } from './shared/rule/read.ts';
import { isKernelMade, type Rule, ruleText, wantedRule } from './shared/rule/rule.ts';

const fields = z.strictObject({
  rules: z.array(ruleFields).max(10_000).describe('The rules, each with the fields of the module rule; with priority.'),
  exact: exactField,
  family: listFamily,
  netns: inNetns,
});
type Params = z.infer<typeof fields>;

function familiesOf(params: Params): readonly (4 | 6)[] {
  return listFamilies(params, params.rules.map(familyOf));
}

/** With the family where nothing else tells. */
function shown(rule: Rule): string {
  return rule.family === 6 ? `${ruleText(rule)} (inet6)` : ruleText(rule);
}

export const module = defineModule({
  name: 'rules',
  form: 'converge',
  summary: 'Leads the policy routing rules of a namespace to a list of them.',
  notes:
    'Adds and replaces as the module rule does. With `exact: true` every other rule goes, except those that the kernel ' +
    'made itself (protocol kernel: local, main, default, l3mdev). A rule that selects by something that tasks cannot ' +
    'name stays, with a warning. Rules that are wanted are there before others go.',
  examples: [
    'rules:\n  netns: ns01\n  exact: true\n  rules:\n    - { priority: 100, from: 10.0.0.0/24, table: 100 }\n    - { priority: 100, from: fd00::/64, table: 100 }',
    'rules:\n  rules:\n    - { priority: 10, fwmark: 7, table: 7 }\n    - { priority: 10, fwmark: 7, table: 7, family: inet6 }',
  ],
  params: fields.superRefine((params, context) => {
    const families = familiesOf(params);
    for (const [at, rule] of params.rules.entries()) {
      const found = ruleContradictions(rule);
      if (rule.priority === undefined) found.push(['priority', 'say the priority']);
      if (!families.includes(familyOf(rule))) found.push(['family', `is not ${params.family}`]);
      for (const [field, message] of found) context.addIssue({ code: 'custom', path: ['rules', at, field], message });
    }
  }),

  objects: (params, current: readonly Rules[]) =>
    params.rules.map((rule) => ruleObject(wantedRule(rule, current[0]?.names ?? {}), params.netns)),

  needs: (params) => params.rules.flatMap(ruleNeeds),

  async read(params, host): Promise<readonly Rules[]> {
    const tables = params.rules.flatMap((rule) => rule.table ?? []);
    const found = await Promise.all(familiesOf(params).map((family) => readRules(host, params.netns, family, tables)));
    if (!found.some((each) => each.any)) await requireNetns(host, params.netns);
    return found;
  },

  plan(params, current): Plan {
    const { netns } = params;
    const rules = current.flatMap((each) => each.rules);
    const names = current[0]?.names ?? {};
    const made = params.rules.map((rule) => {
      const wanted = wantedRule(rule, names);
      const alike = rules.filter((each) => each.family === wanted.family);
      return { wanted, ...makeRule(wanted, alike, 0, netns) };
    });
    const kept = new Set(made.flatMap((each) => each.present));
    const others = params.exact ? rules.filter((rule) => !kept.has(rule) && !isKernelMade(rule)) : [];
    const entries = made.map(({ wanted, present, steps }) => ({
      wanted: shown(wanted),
      present: steps.length === 0 ? [shown(wanted)] : present.map(shown),
    }));
    const unnamed = params.exact ? current.flatMap((each) => each.unnamed) : [];
    return {
      steps: [...made.flatMap((each) => each.steps), ...others.map((rule) => removeRule(rule, rule.priority, netns))],
      ...listView('rules', entries, others.map(shown)),
      warnings: unnamed.map((text) => `rule ${text} stays: it selects by something that tasks cannot name`),
    };
  },
});
