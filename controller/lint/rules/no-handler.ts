import { at, defineRule, ofTasks } from './rule.ts';
import { textsAt } from './shared/conditions.ts';

/** A task that only asks whether another one changed something. */
const changed = /^\s*\w+(?:\.changed|\[['"]changed['"]\]| is changed)\s*(?:==\s*true)?\s*$/i;

export const rule = defineRule({
  name: 'no-handler',
  summary: 'A task that runs when another one changed something is a handler.',
  find: ofTasks(({ mapping, isHandler, written }) => {
    const conditions = textsAt(mapping, 'when');
    const [only] = conditions;
    if (isHandler || written === undefined || !only || conditions.length > 1) return [];
    return changed.test(only.value) ? [at(only, 'Make this a handler, and have the other task notify it.')] : [];
  }),
});
