import { Fault } from '../fault.ts';
import { lenient, plugin } from '../plugin.ts';
import { pathOf } from '../python/access.ts';
import { asList, asText } from '../python/coerce.ts';
import { truth } from '../python/compare.ts';
import { type Given, Undefined } from '../python/values.ts';
import type { Engine } from '../render/frame.ts';
import { didYouMean } from '../suggest.ts';

const given = (positional: unknown, named: unknown): Given => ({
  positional: positional as unknown[],
  named: named as ReadonlyMap<string, unknown>,
});

/** As in Jinja2, anything that counts as false has no elements. */
const elements = (value: unknown): readonly unknown[] => (truth(value) ? asList(value) : []);

/** The test that a filter's arguments name, without one Python's truth. */
function tester([name, ...args]: readonly unknown[], named: unknown, engine: Engine): (item: unknown) => boolean {
  if (name === undefined) return truth;
  const test = asText(name, 'test');
  return (item) => engine.test(test, item, given(args, named));
}

function map(
  value: unknown,
  args: readonly unknown[],
  options: ReadonlyMap<string, unknown>,
  engine: Engine,
): unknown[] {
  const items = elements(value);
  if (options.has('attribute') && args.length === 0) {
    const unknown = [...options.keys()].find((name) => name !== 'attribute' && name !== 'default');
    if (unknown !== undefined) {
      throw new Fault(`filter 'map' has no argument '${unknown}'`, {
        hint: didYouMean(unknown, ['attribute', 'default']),
      });
    }
    return items.map((item) => {
      const found = pathOf(item, options.get('attribute'));
      return found instanceof Undefined ? (options.get('default') ?? found) : found;
    });
  }
  const [name, ...rest] = args;
  if (name === undefined) throw new Fault("filter 'map' needs a filter's name or 'attribute='");
  const filter = asText(name, 'filter');
  return items.map((item) => engine.filter(filter, item, given(rest, options)));
}

const byItem = (wanted: boolean) =>
  plugin('*test, **options', (value, [args, options], engine) => {
    const test = tester(args as unknown[], options, engine);
    return elements(value).filter((item) => test(item) === wanted);
  });

const byAttribute = (wanted: boolean) =>
  plugin('attribute, *test, **options', (value, [attribute, args, options], engine) => {
    const test = tester(args as unknown[], options, engine);
    return elements(value).filter((item) => test(pathOf(item, attribute)) === wanted);
  });

export const selectFilters = {
  map: lenient('*args, **options', (value, [args, options], engine) =>
    value instanceof Undefined ? value : map(value, args as unknown[], options as ReadonlyMap<string, unknown>, engine),
  ),
  select: byItem(true),
  reject: byItem(false),
  selectattr: byAttribute(true),
  rejectattr: byAttribute(false),
};
