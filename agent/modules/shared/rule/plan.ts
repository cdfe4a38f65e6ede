import type * as z from 'zod';
import type { Step } from '../../module.ts';
import { placed } from '../place.ts';
import { isOpen, type ruleParams, selects } from './params.ts';
import { type Rule, ruleAction, ruleText } from './rule.ts';

/** How one wanted rule comes to be. */
export interface RulePlan {
  /** The rules that are it, or that it replaces. */
  readonly present: readonly Rule[];
  readonly steps: readonly Step[];
}

export function ruleObject(rule: Rule, netns: string | undefined): string {
  const text = ruleText(rule);
  return `rule ${placed(netns, text)}${rule.family === 6 && !/(from|to) \S*:/.test(text) ? ' inet6' : ''}`;
}

/** Rules that the task names, whatever becomes of their packets. */
function alike(wanted: Rule, rules: readonly Rule[]): readonly Rule[] {
  const samePriority = (rule: Rule) => wanted.priority === undefined || rule.priority === wanted.priority;
  return rules.filter((rule) => samePriority(rule) && rule.selector === wanted.selector);
}

function sameProtocol(wanted: Rule, rules: readonly Rule[]): readonly Rule[] {
  return rules.filter((rule) => wanted.protocol === undefined || rule.protocol === wanted.protocol);
}

/** Rules that are the wanted one. */
export function sameRules(wanted: Rule, rules: readonly Rule[]): readonly Rule[] {
  return sameProtocol(wanted, alike(wanted, rules)).filter((rule) => rule.action === wanted.action);
}

/** Rules that a task takes away. */
export function unwanted(params: z.infer<typeof ruleParams>, wanted: Rule, rules: readonly Rule[]): readonly Rule[] {
  if (!isOpen(params)) return sameRules(wanted, rules);
  const fit = selects(params) ? alike(wanted, rules) : rules.filter((rule) => rule.priority === wanted.priority);
  return sameProtocol(wanted, fit);
}

/**
 * Adds the rule; where the task says a priority, it takes the place of those that select the same. `free`: the priority
 * for one that says none. It is always said to the kernel, which deletes the first rule that has what is said of it.
 */
export function makeRule(wanted: Rule, rules: readonly Rule[], free: number, netns: string | undefined): RulePlan {
  const same = sameRules(wanted, rules);
  if (same.length > 0) return { present: same, steps: [] };
  const added = { ...wanted, priority: wanted.priority ?? free };
  const add: Step = {
    object: ruleObject(wanted, netns),
    action: ruleAction('add', added, netns),
    undo: [ruleAction('delete', added, netns)],
  };
  const others = wanted.priority === undefined ? [] : alike(wanted, rules);
  // The new one first, so that no packet meets neither.
  return { present: others, steps: [add, ...others.map((rule) => removeRule(rule, wanted.priority, netns))] };
}

/** `named`: the priority that the task says, if any, so that the object is known as the one that was added. */
export function removeRule(rule: Rule, named: number | undefined, netns: string | undefined): Step {
  return {
    object: ruleObject({ ...rule, priority: named }, netns),
    action: ruleAction('delete', rule, netns),
    undo: [ruleAction('add', rule, netns)],
    removes: true,
  };
}
