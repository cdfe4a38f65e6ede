import { exactJson, readExactJson } from '../../../proto/exact-json.ts';
import { Float } from '../../../proto/float.ts';
import { Fault } from '../fault.ts';
import { calculate, signed } from '../python/arithmetic.ts';
import { compare } from '../python/compare.ts';
import { normal } from '../python/integer.ts';
import { pythonJson } from '../python/json.ts';
import { isInteger } from '../python/values.ts';
import {
  type Evaluate,
  isArray,
  isObject,
  isSame,
  order,
  Reference,
  type TypeName,
  typeOf,
  type Value,
} from './values.ts';

/** A function of the language: the types that each argument may have; the last one for all that follow where it is `many`. */
interface Definition {
  readonly takes: readonly (readonly TypeName[])[];
  readonly many?: boolean;
  readonly run: (args: readonly Value[]) => Value;
}

const any: readonly TypeName[] = ['number', 'string', 'boolean', 'array', 'object', 'null'];

const list = (value: Value): readonly Value[] => (isArray(value) ? value : []);
const record = (value: Value): Readonly<Record<string, Value>> => (isObject(value) ? value : {});
const applied = (value: Value): Evaluate => (value instanceof Reference ? value.of : (same) => same);

/** Items with what they are compared by: all numbers, or all texts. */
function keyed(name: string, items: Value, by: Evaluate): readonly { readonly item: Value; readonly key: Value }[] {
  const pairs = list(items).map((item) => ({ item, key: by(item) }));
  const [first] = pairs;
  const comparable = pairs.every(({ key }) => first !== undefined && order(first.key, key) !== undefined);
  if (!comparable) throw new Fault(`JMESPath: ${name}() needs numbers only, or texts only`);
  return pairs;
}

function sortedBy(name: string, items: Value, by: Evaluate): Value {
  return keyed(name, items, by)
    .toSorted((a, b) => order(a.key, b.key) ?? 0)
    .map(({ item }) => item);
}

/** The first of those that are greatest (`sign` 1) or least (-1); null of none. */
function extreme(name: string, items: Value, by: Evaluate, sign: 1 | -1): Value {
  const [first, ...others] = keyed(name, items, by);
  if (first === undefined) return null;
  return others.reduce((best, each) => ((order(each.key, best.key) ?? 0) * sign > 0 ? each : best), first).item;
}

const itself: Evaluate = (value) => value;
const total = (value: Value) => list(value).reduce((sum, each) => calculate('+', sum, each), 0);

function numberIn(value: Value): Value {
  if (typeOf(value) === 'number') return value;
  if (typeof value !== 'string' || !/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value.trim())) return null;
  return /^\s*-?\d+\s*$/.test(value) ? normal(BigInt(value.trim())) : Float.of(Number(value));
}

function only(name: string, items: Value, type: TypeName): void {
  const wrong = list(items).find((item) => typeOf(item) !== type);
  if (wrong !== undefined) throw new Fault(`JMESPath: ${name}() takes ${type}s, not ${typeOf(wrong)}`);
}

function textOf(value: Value): string {
  if (typeof value === 'string') return value;
  return exactJson(readExactJson(pythonJson(value, { indent: undefined, sortKeys: false, ascii: false })));
}

const definitions: Readonly<Record<string, Definition>> = {
  abs: { takes: [['number']], run: ([value]) => (compare(value, 0) < 0 ? signed(value, true) : value) },
  avg: {
    takes: [['array']],
    run: ([items]) => {
      only('avg', items, 'number');
      return list(items).length === 0 ? null : calculate('/', total(items), list(items).length);
    },
  },
  ceil: { takes: [['number']], run: ([value]) => (isInteger(value) ? value : Math.ceil(Number(value))) },
  contains: {
    takes: [['array', 'string'], any],
    run: ([where, what]) =>
      typeof where === 'string'
        ? typeof what === 'string' && where.includes(what)
        : list(where).some((item) => isSame(item, what)),
  },
  ends_with: { takes: [['string'], ['string']], run: ([text, end]) => String(text).endsWith(String(end)) },
  floor: { takes: [['number']], run: ([value]) => (isInteger(value) ? value : Math.floor(Number(value))) },
  join: {
    takes: [['string'], ['array']],
    run: ([glue, items]) => {
      only('join', items, 'string');
      return list(items).join(String(glue));
    },
  },
  keys: { takes: [['object']], run: ([value]) => Object.keys(record(value)) },
  length: {
    takes: [['string', 'array', 'object']],
    run: ([value]) =>
      typeof value === 'string' ? [...value].length : isArray(value) ? value.length : Object.keys(record(value)).length,
  },
  map: { takes: [['expression'], ['array']], run: ([by, items]) => list(items).map(applied(by)) },
  max: { takes: [['array']], run: ([items]) => extreme('max', items, itself, 1) },
  max_by: { takes: [['array'], ['expression']], run: ([items, by]) => extreme('max_by', items, applied(by), 1) },
  merge: { takes: [['object']], many: true, run: (all) => Object.assign({}, ...all.map(record)) as Value },
  min: { takes: [['array']], run: ([items]) => extreme('min', items, itself, -1) },
  min_by: { takes: [['array'], ['expression']], run: ([items, by]) => extreme('min_by', items, applied(by), -1) },
  not_null: {
    takes: [any],
    many: true,
    run: (all) => all.find((value) => value !== null && value !== undefined) ?? null,
  },
  reverse: {
    takes: [['array', 'string']],
    run: ([value]) => (typeof value === 'string' ? [...value].reverse().join('') : list(value).toReversed()),
  },
  sort: { takes: [['array']], run: ([items]) => sortedBy('sort', items, itself) },
  sort_by: { takes: [['array'], ['expression']], run: ([items, by]) => sortedBy('sort_by', items, applied(by)) },
  starts_with: { takes: [['string'], ['string']], run: ([text, start]) => String(text).startsWith(String(start)) },
  sum: {
    takes: [['array']],
    run: ([items]) => {
      only('sum', items, 'number');
      return total(items);
    },
  },
  to_array: { takes: [any], run: ([value]) => (isArray(value) ? value : [value]) },
  to_number: { takes: [any], run: ([value]) => numberIn(value) },
  to_string: { takes: [any], run: ([value]) => textOf(value) },
  type: { takes: [any], run: ([value]) => typeOf(value) },
  values: { takes: [['object']], run: ([value]) => Object.values(record(value)) },
};

/** A call of a function, whose name and number of arguments are checked at once, and their types when it is made. Throws Fault. */
export function callOf(name: string, args: readonly (Evaluate | Reference)[]): Evaluate {
  const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
  if (definition === undefined) throw new Fault(`JMESPath has no function ${name}()`);
  const { takes, many = false, run } = definition;
  if (args.length < takes.length || (args.length > takes.length && !many)) {
    throw new Fault(`JMESPath: ${name}() takes ${takes.length} arguments${many ? ' or more' : ''}, not ${args.length}`);
  }
  return (value) => {
    const given = args.map((arg) => (arg instanceof Reference ? arg : (arg(value) ?? null)));
    for (const [at, each] of given.entries()) {
      const types = takes[Math.min(at, takes.length - 1)] ?? any;
      if (types.includes(typeOf(each))) continue;
      throw new Fault(`JMESPath: argument ${at + 1} of ${name}() must be ${types.join(' or ')}, not ${typeOf(each)}`);
    }
    return run(given);
  };
}
