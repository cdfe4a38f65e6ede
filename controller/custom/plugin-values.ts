import { isDataMapping } from '../template/python/atom.ts';
import { type Integer, integerOf } from '../template/python/integer.ts';
import { dataEntries, objectOf } from '../template/python/mapping.ts';
import { CalendarDate, Moment } from '../template/python/moment.ts';
import { readStamp } from '../template/python/read-time.ts';

/** Stands in a mapping for what JSON has no value of its own for; the other side is plugin_host/serve.py. */
const mark = '\0';

/** Plain data as plugins get it. */
export function sentValue(value: unknown): unknown {
  if (value instanceof Moment) {
    return { [mark]: value instanceof CalendarDate ? 'date' : 'datetime', value: value.toJSON() };
  }
  if (Array.isArray(value)) return value.map(sentValue);
  if (!isDataMapping(value)) return value;
  const entries = dataEntries(value).map(([key, item]) => [key, sentValue(item)] as const);
  const isPlain = entries.every(([key]) => typeof key === 'string');
  return isPlain ? Object.fromEntries(entries) : { [mark]: 'dict', value: entries };
}

/** What a plugin gave, as plain data. */
export function receivedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(receivedValue);
  if (!isDataMapping(value)) return value;
  const held = value.value;
  if (value[mark] === 'dict' && Array.isArray(held)) {
    return objectOf(held.map(([key, item]: [unknown, unknown]) => [keyOf(key), receivedValue(item)]));
  }
  if (typeof value[mark] === 'string') return readStamp(String(held)) ?? held;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, receivedValue(item)]));
}

function keyOf(key: unknown): string | Integer {
  return typeof key === 'string' ? key : (integerOf(key) ?? String(key));
}
