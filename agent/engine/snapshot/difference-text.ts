import { isDeepStrictEqual } from 'node:util';
import type { Row } from '../../modules/shared/rows.ts';
import { comparable } from './exclusions.ts';
import type { Difference, Item } from './state.ts';

const longest = 200;

/** The two sides of a difference in words; of things with many attributes, those that differ. */
export function sidesOf({ section, before, after }: Difference): { readonly before: string; readonly after: string } {
  if (section === 'netns' || before === undefined || after === undefined) {
    return { before: one(before), after: one(after) };
  }
  if (typeof before === 'string' || typeof after === 'string') return { before: one(before), after: one(after) };
  const [old, now] = [comparable(section, before) as Row, comparable(section, after) as Row];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter(
    (key) => !isDeepStrictEqual(old[key], now[key]),
  );
  const side = (row: Row) => keys.map((key) => `${key} ${key in row ? plain(row[key]) : 'none'}`).join(', ');
  return { before: cut(side(old)), after: cut(side(now)) };
}

function one(item: Item | undefined): string {
  if (item === undefined) return 'absent';
  return typeof item === 'string' ? cut(item) : 'present';
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function cut(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}...`;
}
