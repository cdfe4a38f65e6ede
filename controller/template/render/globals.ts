import { OrchError } from '../../../proto/errors.ts';
import { Fault, isOfUndefined } from '../fault.ts';
import { loremIpsum } from '../formats/lorem.ts';
import { checkItems } from '../limits.ts';
import { asInteger, asList, asText, printed } from '../python/coerce.ts';
import { truth } from '../python/compare.ts';
import { formatTime, nakedClock } from '../python/datetime.ts';
import { floorDivide, type Integer, normal } from '../python/integer.ts';
import { keyOf, mapEntries } from '../python/mapping.ts';
import { DateTime } from '../python/moment.ts';
import { toPlain } from '../python/plain.ts';
import { findFirst } from '../python/regex.ts';
import {
  Callable,
  defined,
  type Given,
  isMapping,
  MemberHolder,
  Namespace,
  Sealed,
  typeName,
  Undefined,
} from '../python/values.ts';
import { didYouMean } from '../suggest.ts';
import type { RenderOptions } from '../types.ts';
import { bind, signature } from './signature.ts';

/** Python's range(); bounded. */
function range(args: unknown[]): Integer[] {
  const [first, second, third] = args;
  if (args.some((arg) => typeof arg === 'bigint')) return longRange(args);
  const start = second === undefined ? 0 : asInteger(first, 'start');
  const stop = asInteger(second === undefined ? first : second, 'stop');
  const step = asInteger(third, 'step', 1);
  if (step === 0) throw new Fault('the step of range() cannot be 0');
  const length = Math.max(0, Math.ceil((stop - start) / step));
  checkItems(length);
  return Array.from({ length }, (_, index) => start + index * step);
}

/** The same where JavaScript's numbers are not exact. */
function longRange(args: unknown[]): Integer[] {
  const given = args.filter((arg) => arg !== undefined);
  const bounds = given.map((arg) => BigInt(typeof arg === 'bigint' ? arg : asInteger(arg, 'range')));
  const [start = 0n, stop = 0n, step = 1n] = bounds.length === 1 ? [0n, ...bounds] : bounds;
  if (step === 0n) throw new Fault('the step of range() cannot be 0');
  const length = Math.max(0, Number(-floorDivide(start - stop, step)));
  checkItems(length);
  return Array.from({ length }, (_, index) => normal(start + BigInt(index) * step));
}

function asPair(value: unknown): readonly unknown[] {
  const pair = asList(value);
  if (pair.length !== 2) throw new Fault(`dict() needs pairs, and one has ${pair.length} elements`);
  return pair;
}

/** dict(pairs or mapping, name=value...). */
function dict(source: unknown, named: unknown): Map<unknown, unknown> {
  const pairs = source === undefined ? [] : isMapping(source) ? mapEntries(source) : asList(source).map(asPair);
  const map = new Map<unknown, unknown>();
  for (const [key, value] of [...pairs, ...mapEntries(named as ReadonlyMap<unknown, unknown>)])
    map.set(keyOf(key), value ?? null);
  return map;
}

function namespace(source: unknown, named: unknown): Namespace {
  const made = new Namespace();
  for (const [key, value] of dict(source, named)) made.attributes.set(String(key), value);
  return made;
}

/** `lookup('vars', name, default=...)`: a variable by a computed name. */
function variable(names: readonly unknown[], named: ReadonlyMap<string, unknown>, { scope }: RenderOptions): unknown[] {
  return names.map((name) => {
    const text = asText(name, 'name');
    if (scope.has(text)) return scope.get(text) ?? null;
    if (named.has('default')) return named.get('default') ?? null;
    throw new Undefined(`No variable named '${text}' was found.`, text, () => scope.names()).fault();
  });
}

/** `lookup('varnames', pattern...)`: names of variables that fit. */
function variableNames(patterns: readonly unknown[], { scope }: RenderOptions): unknown[] {
  const names = [...scope.names()];
  return patterns.flatMap((pattern) => {
    if (typeof pattern !== 'string') {
      throw new Fault(
        `Invalid setting identifier, "${printed(pattern)}" is not a string, it is a ${typeName(pattern)}`,
      );
    }
    try {
      return names.filter((name) => findFirst(pattern, name, { ignoreCase: false, multiline: false }, 'search'));
    } catch (error) {
      throw error instanceof Fault
        ? new Fault(`Unable to use "${pattern}" as a search parameter: ${error.message}`)
        : error;
    }
  });
}

const lookupCollection = /^(?:ansible\.builtin|ansible\.legacy|community\.general)\./;

/** What the lookup of a name answers, one item each. Throws Fault. */
export function lookupAnswers(
  written: string,
  args: readonly unknown[],
  named: ReadonlyMap<string, unknown>,
  options: RenderOptions,
): readonly unknown[] {
  const name = written.replace(lookupCollection, '');
  if (name === 'vars') return variable(args, named, options);
  if (name === 'varnames') return variableNames(args, options);
  const lookups = options.lookups?.() ?? {};
  const lookup = Object.hasOwn(lookups, name) ? lookups[name] : options.lookupOf?.(written);
  if (!lookup) {
    const known = ['vars', 'varnames', ...Object.keys(lookups)];
    throw new Fault(`The lookup plugin '${written}' was not found`, { hint: didYouMean(name, known) });
  }
  const plain = [...named].map(([key, value]) => [key, toPlain(value)] as const);
  try {
    return lookup(
      args.map((term) => toPlain(term)),
      Object.fromEntries(plain),
      options,
    );
  } catch (error) {
    // Its place is that of the lookup.
    if (error instanceof OrchError && !error.where) throw new Fault(error.summary, { hint: error.hint });
    throw error;
  }
}

/** Asks a lookup; undefined where it failed and `errors=` says to go on. */
function ask({ positional, named }: Given, options: RenderOptions): readonly unknown[] | undefined {
  const name = asText(positional[0], 'lookup');
  const others = new Map([...named].filter(([key]) => key !== 'wantlist' && key !== 'errors'));
  try {
    for (const value of [...positional, ...named.values()]) defined(value);
    return lookupAnswers(name, positional.slice(1), others, options);
  } catch (error) {
    // What is no error is only not known yet.
    if (!(error instanceof Error) || isOfUndefined(error)) throw error;
    const errors = named.get('errors') ?? 'strict';
    if (errors === 'ignore' || errors === 'warn') return undefined;
    throw error;
  }
}

function lookup(given: Given, options: RenderOptions): unknown {
  const found = ask(given, options);
  if (given.named.get('wantlist') === true) return found ?? [];
  if (!found || found.length === 0) return found ?? null;
  // As Ansible: one answer is itself, several texts are joined by commas.
  return found.length === 1 ? found[0] : found.every((item) => typeof item === 'string') ? found.join(',') : found;
}

class Cycler extends MemberHolder {
  readonly title = 'the cycler';
  readonly memberNames = ['current', 'next', 'reset'];
  readonly #items: readonly unknown[];
  #index = 0;

  constructor(items: readonly unknown[]) {
    super();
    if (items.length === 0) throw new Fault('cycler() needs values');
    this.#items = items;
  }

  member(name: string): unknown {
    if (name === 'current') return this.#items[this.#index];
    if (name === 'reset') return new Callable('reset', () => this.#moveTo(0));
    if (name !== 'next') return undefined;
    return new Callable('next', () => {
      const item = this.#items[this.#index];
      this.#moveTo((this.#index + 1) % this.#items.length);
      return item;
    });
  }

  #moveTo(index: number): null {
    this.#index = index;
    return null;
  }
}

/** joiner(', '): empty the first time it is called, then the separator. */
function joiner(separator: unknown): Callable {
  let used = false;
  return new Callable('joiner', () => {
    const text = used ? asText(separator, 'separator') : '';
    used = true;
    return text;
  });
}

function now(utc: boolean, format: unknown): unknown {
  const clock = nakedClock(Date.now(), utc);
  return format ? formatTime(asText(format, 'fmt'), clock) : new DateTime(clock);
}

/** What an encrypted value is that no password opens. */
function undecryptable(reason: string, hint: string, vault: string): Sealed {
  return new Sealed(() => {
    throw new Fault(`Attempt to use undecryptable variable: ${reason}`, { code: 'vault', hint });
  }, vault);
}

type Global = readonly [parameters: string, run: (args: unknown[]) => unknown];

const functions: Readonly<Record<string, Global>> = {
  range: ['start, stop?, step?', range],
  dict: ['*source, **named', ([source, named]) => dict((source as unknown[])[0], named)],
  namespace: ['*source, **named', ([source, named]) => namespace((source as unknown[])[0], named)],
  cycler: ['*items', ([items]) => new Cycler(items as unknown[])],
  now: ['utc?, fmt?', ([utc, format]) => now(truth(utc ?? false), format)],
  undef: [
    'hint?',
    ([hint]) => new Undefined(hint ? asText(hint, 'hint') : 'Mandatory variable has not been overridden', '', () => []),
  ],
  undecryptable: [
    'reason, hint, vault',
    ([reason, hint, vault]) => undecryptable(asText(reason, 'reason'), asText(hint, 'hint'), asText(vault, 'vault')),
  ],
  joiner: ['sep?', ([separator]) => joiner(separator ?? ', ')],
  lipsum: [
    'n?, html?, min?, max?',
    ([paragraphs, html, min, max]) =>
      loremIpsum(
        asInteger(paragraphs, 'n', 5),
        truth(html ?? true),
        asInteger(min, 'min', 20),
        asInteger(max, 'max', 100),
      ),
  ],
};

const callables = new Map(
  Object.entries(functions).map(([name, [parameters, run]]) => {
    const takes = signature(parameters);
    return [name, new Callable(name, (given) => run(bind(`${name}()`, takes, given)))];
  }),
);

/** Names that every template has; undefined for any other. */
export function globalOf(name: string, options: RenderOptions): unknown {
  if (name === 'lookup') return new Callable(name, (given) => lookup(given, options));
  if (name === 'query' || name === 'q') return new Callable(name, (given) => ask(given, options) ?? []);
  return callables.get(name);
}
