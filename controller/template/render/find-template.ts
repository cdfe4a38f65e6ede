import { Fault } from '../fault.ts';
import type { Expression, Source } from '../parse/tree.ts';
import { asText } from '../python/coerce.ts';
import { brief } from '../python/text.ts';
import { isList } from '../python/values.ts';
import { evaluate } from './evaluator.ts';
import type { Frame } from './frame.ts';

/** The first template there is of a name or a list of names. */
export function findTemplate(names: unknown, { rendering }: Frame): Source | undefined {
  for (const name of isList(names) ? names : [names]) {
    const found = rendering.find(asText(name, 'template'));
    if (found) return found;
  }
  return undefined;
}

/** The same, where there must be one. Throws a Fault. */
export function neededTemplate(template: Expression, frame: Frame): Source {
  const names = evaluate(template, frame);
  const found = findTemplate(names, frame);
  if (found) return found;
  throw new Fault(`there is no template ${brief(names)}`, { at: template.at });
}
