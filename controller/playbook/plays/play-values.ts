import { isNumber } from '../../../proto/float.ts';
import { canonicalName } from '../catalog/catalog.ts';
import { type HostOrder, hostOrders, type Play } from '../types.ts';

/** The sizes of batches that `serial` says; undefined: it says none. */
export function serialSizes(value: unknown): Play['serial'] | undefined {
  const sizes = (Array.isArray(value) ? value : [value]).map(serialSize);
  return sizes.every((size) => size !== undefined) ? sizes : undefined;
}

function serialSize(value: unknown): Play['serial'][number] | undefined {
  const text = typeof value === 'object' ? '' : String(value).trim();
  const number = Number.parseInt(text, 10);
  if (/^-?\d+$/.test(text)) return number;
  return /^\d+\s*%$/.test(text) ? `${number}%` : undefined;
}

/** So many in a hundred; undefined: it says no such number. */
export function percentage(value: unknown): number | undefined {
  if (typeof value !== 'string' && !isNumber(value)) return undefined;
  const said = typeof value === 'string' ? value.replace(/%$/, '').trim() : value;
  return said !== '' && Number(said) >= 0 ? Number(said) : undefined;
}

/** The order of hosts that a word means; undefined: there is no such one. */
export function orderNamed(value: unknown): HostOrder | undefined {
  return hostOrders.find((name) => name === value);
}

const strategies = ['free', 'linear', 'host_pinned'] as const;

/** What a name of a strategy means here; undefined: there is no such one. */
export function strategyNamed(value: unknown): Play['strategy'] | undefined {
  const name = typeof value === 'string' ? canonicalName(value) : '';
  return strategies.find((strategy) => strategy === name);
}
