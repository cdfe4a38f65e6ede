import { OrchError } from '../../../proto/errors.ts';
import { orderNamed, percentage, serialSizes, strategyNamed } from '../../playbook/plays/play-values.ts';
import type { Play, PlayTemplates } from '../../playbook/types.ts';
import { describe } from '../../playbook/values/describe.ts';
import type { Located } from '../../source/located.ts';
import { placeOf } from '../../source/origins.ts';
import { isTrue } from '../task/settings.ts';

/** A play as it begins: its keywords that are templates have their values. Throws OrchError. */
export function withKeywords(play: Play, render: (located: Located) => unknown): Play {
  const value = <T>(key: keyof PlayTemplates, read: (value: unknown) => T | undefined, otherwise: T): T => {
    const template = play.templates[key];
    if (!template) return otherwise;
    const rendered = render(template);
    const said = read(rendered);
    if (said !== undefined) return said;
    throw new OrchError({
      code: 'playbook-structure',
      summary: `"${key}" can't be ${describe(rendered)}.`,
      where: placeOf(template),
    });
  };
  return {
    ...play,
    name: value('name', String, play.name),
    serial: value('serial', serialSizes, play.serial),
    strategy: value('strategy', strategyNamed, play.strategy),
    anyErrorsFatal: value('any_errors_fatal', isTrue, play.anyErrorsFatal),
    forceHandlers: value('force_handlers', isTrue, play.forceHandlers),
    order: value('order', orderNamed, play.order),
    maxFailPercentage: value('max_fail_percentage', percentageOrNone, play.maxFailPercentage),
  };
}

/** None is no limit. */
const percentageOrNone = (value: unknown): number | undefined =>
  value === null ? Number.POSITIVE_INFINITY : percentage(value);
