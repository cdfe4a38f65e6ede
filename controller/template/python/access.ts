import { Fault } from '../fault.ts';
import { mapGet, mapKeys } from './mapping.ts';
import { brief, characters, str } from './text.ts';
import {
  Callable,
  defined,
  Group,
  isList,
  isMapping,
  MemberHolder,
  Namespace,
  Tuple,
  typeName,
  Undefined,
} from './values.ts';

const none = (): Iterable<string> => [];

/** As Ansible says it. */
function lacking(object: unknown, key: unknown): string {
  return `object of type '${typeName(object)}' has no attribute ${brief(key)}`;
}

function missing(object: unknown, key: unknown, at: number | undefined): Undefined {
  const candidates = isMapping(object) ? () => mapKeys(object).map(str) : none;
  return new Undefined(lacking(object, key), str(key), candidates, at);
}

/** `object.name`: a key of a dict, a member of `loop` or a namespace. What is missing is Undefined. */
export function attributeOf(object: unknown, name: string, at?: number): unknown {
  if (object instanceof Undefined) return object;
  if (isMapping(object)) {
    const value = mapGet(object, name);
    return value === undefined ? missing(object, name, at) : value;
  }
  if (object instanceof Namespace) {
    const { attributes } = object;
    if (attributes.has(name)) return attributes.get(name);
    return new Undefined(`the namespace has no '${name}'`, name, () => [...attributes.keys()].map(String), at);
  }
  if (object instanceof MemberHolder) {
    const value = object.member(name);
    if (value !== undefined) return value;
    return new Undefined(`${object.title} has no '${name}'`, name, () => object.memberNames, at);
  }
  if (object instanceof Callable && object.attributes.has(name)) return object.attributes.get(name);
  if (object instanceof Group && (name === 'grouper' || name === 'list')) return object[name === 'list' ? 1 : 0];
  if (isList(object) && /^\d+$/.test(name)) return itemOf(object, Number(name), at);
  return missing(object, name, at);
}

/** Python's getattr(object, name): the keys of a dict are none of its attributes. */
export function ownAttributeOf(object: unknown, name: string): unknown {
  return isMapping(object) ? missing(object, name, undefined) : attributeOf(object, name);
}

/** `object[key]`: a key of a dict, an index of a list or text (negative: from the end). What is missing is Undefined. */
export function itemOf(object: unknown, key: unknown, at?: number): unknown {
  if (object instanceof Undefined) return object;
  defined(key);
  if (isList(object) || typeof object === 'string') {
    const index = typeof key === 'boolean' || typeof key === 'bigint' ? Number(key) : key;
    if (typeof index !== 'number' || !Number.isInteger(index)) {
      if (typeof key === 'string') return missing(object, key, at);
      throw new Fault(`an index must be a whole number, not ${typeName(key)}`);
    }
    const items = typeof object === 'string' ? characters(object) : object;
    const place = index < 0 ? index + items.length : index;
    if (place >= 0 && place < items.length) return items[place] ?? null;
    return new Undefined(
      `${typeName(object)} object has no element ${index}; it has ${items.length} elements`,
      '',
      none,
      at,
    );
  }
  if (isMapping(object)) {
    const value = mapGet(object, key);
    return value === undefined ? missing(object, key, at) : value;
  }
  if (typeof key === 'string') return attributeOf(object, key, at);
  if (object instanceof Callable) throw new Fault(`'${object.name}' is a function: call it with (...)`);
  throw new Fault(`a value of type ${typeName(object)} has no elements`);
}

/** `a.b.0.c` as filters take it for an attribute of each element. */
export function pathOf(object: unknown, path: unknown): unknown {
  if (typeof path !== 'string') return itemOf(object, path);
  let value = object;
  for (const part of path.split('.')) {
    value = isList(value) && /^-?\d+$/.test(part) ? itemOf(value, Number(part)) : attributeOf(value, part);
  }
  return value;
}

/** Python's `object[start:stop:step]` of lists and text. */
export function sliceOf(object: unknown, start: unknown, stop: unknown, step: unknown): unknown {
  if (object instanceof Undefined) return object;
  if (typeof object !== 'string' && !isList(object))
    throw new Fault(`a value of type ${typeName(object)} cannot be sliced`);
  const items = typeof object === 'string' ? characters(object) : object;
  const bound = (value: unknown, name: string): number | undefined => {
    defined(value);
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'number' && Number.isInteger(value)) return value;
    if (typeof value === 'boolean' || typeof value === 'bigint') return Number(value);
    throw new Fault(`the ${name} of a slice must be a whole number, not ${typeName(value)}`);
  };
  const by = bound(step, 'step') ?? 1;
  if (by === 0) throw new Fault('the step of a slice cannot be 0');
  const size = items.length;
  const lowest = by > 0 ? 0 : -1;
  const highest = by > 0 ? size : size - 1;
  const clamp = (value: number | undefined, otherwise: number) =>
    value === undefined ? otherwise : Math.min(Math.max(value < 0 ? value + size : value, lowest), highest);
  const from = clamp(bound(start, 'start'), by > 0 ? lowest : highest);
  const to = clamp(bound(stop, 'stop'), by > 0 ? highest : lowest);
  const picked: unknown[] = [];
  for (let index = from; by > 0 ? index < to : index > to; index += by) picked.push(items[index]);
  if (typeof object === 'string') return picked.join('');
  return object instanceof Tuple ? Tuple.from(picked) : picked;
}
