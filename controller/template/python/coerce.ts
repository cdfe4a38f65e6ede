import { Fault } from '../fault.ts';
import { type Address, parseAddress } from '../formats/address.ts';
import { mapKeys } from './mapping.ts';
import { characters, str } from './text.ts';
import { defined, definedOrNoElse, isList, isMapping, NoElse, numberOf, typeName } from './values.ts';

/** A text argument; `name` is for the message. */
export function asText(value: unknown, name: string): string {
  if (typeof definedOrNoElse(value) === 'string') return value as string;
  if (value instanceof NoElse) return '';
  throw new Fault(`'${name}' must be text, not ${typeName(value)}`);
}

/** A whole number, or `fallback` when it was left out. */
export function asInteger(value: unknown, name: string, fallback?: number): number {
  defined(value);
  if (value === undefined && fallback !== undefined) return fallback;
  if (typeof value === 'bigint') throw new Fault(`'${name}' is too large a number: ${value}`);
  const number = numberOf(value);
  if (number !== undefined && Number.isInteger(number)) return number;
  throw new Fault(`${name} must be an integer, not ${typeName(value)}`);
}

/** A value, or the whole number that a text has written. */
const unquoted = (value: unknown): unknown =>
  typeof value === 'string' && /^[+-]?\d{1,15}$/.test(value) ? Number(value) : value;

/** A whole number that may be written as text. */
export const asWhole = (value: unknown, name: string): number => asInteger(unquoted(value), name);

/** The same; undefined for what is none. */
export function wholeOf(value: unknown): number | undefined {
  const number = numberOf(unquoted(value));
  return Number.isInteger(number) ? number : undefined;
}

/** What a loop over a value gives: elements, characters or keys. */
export function asList(value: unknown): readonly unknown[] {
  definedOrNoElse(value);
  if (isList(value)) return value;
  if (value instanceof NoElse) return [];
  if (typeof value === 'string') return Array.from(characters(value));
  if (isMapping(value)) return mapKeys(value);
  throw new Fault(`'${typeName(value)}' object is not iterable`);
}

/** A value as text, as printing it would. */
export const printed = (value: unknown): string => str(definedOrNoElse(value));

/** An address, or one with its prefix. */
export function asAddress(value: unknown): Address {
  const address = parseAddress(printed(value));
  if (!address) throw new Fault(`'${printed(value)}' is not an IP address`);
  return address;
}
