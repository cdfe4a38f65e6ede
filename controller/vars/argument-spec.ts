import { isNumber } from '../../proto/float.ts';
import { isDataMapping } from '../template/python/atom.ts';
import { integerOf, normal } from '../template/python/integer.ts';
import { printedText, repr, str } from '../template/python/text.ts';
import { excludingErrors, missingErrors } from './argument-groups.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** One option of a specification, with the keys that count. */
interface Option {
  readonly type: string;
  readonly elements: string | undefined;
  readonly required: boolean;
  /** Null is a value like others, as in Ansible: it is no longer as if nothing were given. */
  readonly takesNull: boolean;
  readonly choices: readonly unknown[] | undefined;
  readonly aliases: readonly string[];
  readonly options: Mapping | undefined;
  readonly default: unknown;
  /** All that is said of it, for which of its options go together. */
  readonly said: Mapping;
}

function optionOf(said: unknown): Option {
  const { type, elements, required, default: otherwise, choices, aliases, options } = isDataMapping(said) ? said : {};
  return {
    type: typeof type === 'string' ? type : 'str',
    elements: typeof elements === 'string' ? elements : undefined,
    required: required === true,
    takesNull: required === true || (otherwise ?? null) !== null,
    choices: Array.isArray(choices) ? choices : undefined,
    aliases: Array.isArray(aliases) ? aliases.map(String) : [],
    options: isDataMapping(options) ? options : undefined,
    default: otherwise,
    said: isDataMapping(said) ? said : {},
  };
}

function pythonType(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  if (isNumber(value)) return integerOf(value) === undefined ? 'float' : 'int';
  return (
    { string: 'str', boolean: 'bool', object: value === null ? 'NoneType' : 'dict' }[typeof value as string] ?? 'str'
  );
}

const yes: ReadonlySet<unknown> = new Set([true, 1, 'y', 'yes', 'on', '1', 'true', 't']);
const no: ReadonlySet<unknown> = new Set([false, 0, 'n', 'no', 'off', '0', 'false', 'f']);
const booleans = "0, 1, 'off', '0', 'f', '1', 'true', 'yes', 'y', 't', 'false', 'on', 'no', 'n'";

/** A number of bits or bytes, such as 1.5M or 8 Mb. */
const sizes = /^\d*\.?\d+\s*[YZEPTGMK]?(b|bits?|bytes?)?$/i;

/** Why a value can't be taken for a type. */
class Unfit extends Error {}

/** The value in the type that is asked for, converted as Ansible does. Throws Unfit. */
function converted(value: unknown, type: string): unknown {
  const text = typeof value === 'string' ? value.trim() : undefined;
  switch (type) {
    case 'int':
      if (integerOf(value) !== undefined) return integerOf(value);
      if (isNumber(value) && Number.isInteger(Number(value))) return Number(value);
      if (text !== undefined && /^[+-]?\d+(\.0*)?$/.test(text)) return normal(BigInt(text.replace(/\..*/, '')));
      if (text !== undefined && /^[+-]?[\d.]+e[+-]?\d+$/i.test(text) && Number.isSafeInteger(Number(text))) {
        return Number(text);
      }
      throw new Unfit(`"${repr(value)}" cannot be converted to an int`);
    case 'float':
      if (isNumber(value)) return value;
      if (text !== undefined && text !== '' && Number.isFinite(Number(text))) return Number(text);
      throw new Unfit(`<class '${pythonType(value)}'> cannot be converted to a float`);
    case 'bool': {
      if (typeof value === 'object' && !isNumber(value)) {
        throw new Unfit(`<class '${pythonType(value)}'> cannot be converted to a bool`);
      }
      const word = text?.toLowerCase() ?? value;
      if (yes.has(word)) return true;
      if (no.has(word)) return false;
      throw new Unfit(`The value '${str(value)}' is not a valid boolean. Valid booleans include: ${booleans}`);
    }
    case 'list':
      if (Array.isArray(value)) return value;
      if (typeof value === 'string') return value.split(',').map((part) => part.trim());
      if (isNumber(value)) return [String(value)];
      throw new Unfit(`<class '${pythonType(value)}'> cannot be converted to a list`);
    case 'dict':
      return asMapping(value);
    case 'str':
    case 'path':
      return isDataMapping(value) || Array.isArray(value) || value === null ? printedText(value) : String(value);
    case 'bits':
    case 'bytes':
      if (isNumber(value) || (text !== undefined && sizes.test(text))) return value;
      throw new Unfit(
        `<class '${pythonType(value)}'> cannot be converted to a ${type === 'bits' ? 'Bit' : 'Byte'} value`,
      );
    default:
      return value;
  }
}

function asMapping(value: unknown): unknown {
  if (isDataMapping(value)) return value;
  if (typeof value !== 'string') throw new Unfit(`<class '${pythonType(value)}'> cannot be converted to a dict`);
  if (value.trim().startsWith('{')) {
    try {
      return JSON.parse(value);
    } catch {
      throw new Unfit('unable to evaluate string as dictionary');
    }
  }
  const pairs = value.split(/[,\s]+/).flatMap((part) => (part === '' ? [] : [part.split('=')]));
  if (pairs.length === 0 || pairs.some((pair) => pair.length < 2)) {
    throw new Unfit('dictionary requested, could not parse JSON or key=value');
  }
  return Object.fromEntries(pairs.map(([key, ...rest]) => [key, rest.join('=')]));
}

/** What a validation has found so far. */
interface Found {
  readonly errors: string[];
  /** Names that no specification has, with their way, and those that the last one has. */
  readonly unknown: string[];
  supported: readonly string[];
}

/** `around`: the option that these are options of. */
function checkLevel(spec: Mapping, given: Mapping, way: readonly string[], around: Mapping, found: Found): void {
  const options = new Map(Object.entries(spec).map(([name, said]) => [name, optionOf(said)]));
  const within = way.length > 0 ? ` found in ${way.join(' -> ')}` : '';
  const value = (name: string, { aliases }: Option): unknown =>
    [name, ...aliases].map((each) => given[each]).find((each) => each !== undefined);
  const there = new Set([...options].flatMap(([name, option]) => (value(name, option) === undefined ? [] : [name])));
  found.errors.push(...excludingErrors(around, there).map((error) => error + within));
  const missing = [...options].flatMap(([name, option]) => (option.required && !there.has(name) ? [name] : []));
  if (missing.length > 0) found.errors.push(`missing required arguments: ${missing.sort().join(', ')}${within}`);

  const fit = new Map<string, unknown>();
  for (const [name, option] of options) {
    const said = value(name, option);
    if (said === undefined) continue;
    if (said === null && !option.takesNull) {
      fit.set(name, null);
      continue;
    }
    try {
      const taken = converted(said, option.type);
      fit.set(name, option.elements === undefined ? taken : elementsOf(name, taken, option, within, found));
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      const at = way.length > 0 ? ` found in '${way.join(' -> ')}'.` : '';
      found.errors.push(
        `argument '${name}' is of type ${pythonType(said)}${at} and we were unable to convert to ${option.type}: ${error.message}`,
      );
    }
  }
  for (const [name, { choices }] of options) {
    const taken = fit.get(name);
    if (choices && taken !== undefined) checkChoices(name, taken, choices, within, found);
  }
  const known = new Map(
    [...options].flatMap(([name, option]): [string, unknown][] => {
      const taken = fit.get(name) ?? value(name, option) ?? option.default;
      return there.has(name) || (option.default ?? null) !== null ? [[name, taken]] : [];
    }),
  );
  found.errors.push(...missingErrors(around, known).map((error) => error + within));
  for (const [name, { options: inner, said }] of options) {
    const taken = fit.get(name);
    if (!inner || taken === undefined) continue;
    for (const one of Array.isArray(taken) ? taken : [taken]) {
      if (isDataMapping(one)) checkLevel(inner, one, [...way, name], said, found);
    }
  }
  const names = new Set([...options].flatMap(([name, { aliases }]) => [name, ...aliases]));
  const others = Object.keys(given).filter((name) => !names.has(name));
  if (others.length === 0) return;
  found.unknown.push(...others.map((name) => [...way, name].join('.')));
  found.supported = [...options.keys()].sort();
}

function elementsOf(
  name: string,
  list: unknown,
  { type: whole, elements: type = 'str' }: Option,
  within: string,
  { errors }: Found,
): unknown {
  if (!Array.isArray(list)) {
    const only = "elements value check is supported only with 'list' type";
    errors.push(`Invalid type ${whole} for option '${printedText(list)}'${within && `${within}.`}, ${only}`);
    return list;
  }
  return list.map((element: unknown) => {
    try {
      return converted(element, type);
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      const what = pythonType(element);
      errors.push(
        `Elements value for option '${name}' is of type ${what} and we were unable to convert to ${type}: ${error.message}`,
      );
      return element;
    }
  });
}

function checkChoices(
  name: string,
  value: unknown,
  choices: readonly unknown[],
  within: string,
  { errors }: Found,
): void {
  const known = choices.map(String);
  const list = known.join(', ');
  if (Array.isArray(value)) {
    const others = value.map(String).filter((one) => !known.includes(one));
    if (others.length === 0) return;
    errors.push(`value of ${name} must be one or more of: ${list}. Got no match for: ${others.join(', ')}${within}`);
  } else if (!known.includes(String(value))) {
    errors.push(`value of ${name} must be one of: ${list}, got: ${str(value)}${within}`);
  }
}

/** What is wrong with arguments by an argument specification, in Ansible's words; nothing when they are as it says. */
export function argumentErrors(spec: Mapping, given: Mapping): readonly string[] {
  const found: Found = { errors: [], unknown: [], supported: [] };
  checkLevel(spec, given, [], {}, found);
  if (found.unknown.length === 0) return found.errors;
  const supported = `Supported parameters include: ${found.supported.join(', ')}.`;
  return [...found.errors, `${found.unknown.sort().join(', ')}. ${supported}`];
}
