import { Float, isNumber } from '../../../proto/float.ts';
import { isDataMapping } from '../../template/python/atom.ts';
import { type Integer, integerOf, normal } from '../../template/python/integer.ts';
import { cleanLine, toldJson } from '../clean.ts';
import { banner } from '../format.ts';
import { sorted } from '../sorted.ts';
import type { CustomStats, Report } from '../types.ts';

/** As Ansible adds: mappings are merged, numbers summed, texts and lists joined; what can't be added leaves what is there. */
function added(before: unknown, after: unknown): unknown {
  if (isDataMapping(before) && isDataMapping(after)) {
    const inner = Object.entries(after).map(([key, value]) => [
      key,
      isDataMapping(value) && isDataMapping(before[key]) ? added(before[key], value) : value,
    ]);
    return { ...before, ...Object.fromEntries(inner) };
  }
  if (isNumber(before) && isNumber(after)) return sum(before, after);
  if (typeof before === 'string' && typeof after === 'string') return before + after;
  return Array.isArray(before) && Array.isArray(after) ? [...before, ...after] : before;
}

/** A float where one of them is. */
function sum(a: Integer | Float, b: Integer | Float): Integer | Float {
  const [one, two] = [integerOf(a), integerOf(b)];
  if (one !== undefined && two !== undefined) return normal(BigInt(one) + BigInt(two));
  return Float.of(Number(a) + Number(b));
}

/** The stats of a report with more of them. */
export function withStats(known: Report['stats'], { host, data, aggregate }: CustomStats): Report['stats'] {
  const { hosts, run } = known ?? { hosts: {}, run: {} };
  const before = host === undefined ? run : hosts[host];
  const values = isDataMapping(before) ? before : {};
  const entries = Object.entries(data).map(([name, value]) => [
    name,
    aggregate && Object.hasOwn(values, name) ? added(values[name], value) : value,
  ]);
  const after = { ...values, ...Object.fromEntries(entries) };
  return host === undefined ? { hosts, run: after } : { hosts: { ...hosts, [host]: after }, run };
}

/** What set_stats told, as Ansible shows it. */
export function statsText({ hosts, run }: NonNullable<Report['stats']>): string {
  const json = (value: unknown) => toldJson(sorted(value), 1).replaceAll('\n', '');
  const ofHosts = Object.keys(hosts)
    .sort()
    .map((host) => `\t${cleanLine(host)}: ${json(hosts[host])}`);
  const ofRun = Object.keys(run).length > 0 ? ['', `\tRUN: ${json(run)}`] : [];
  return [banner('CUSTOM STATS:'), ...ofHosts, ...ofRun, '', ''].join('\n');
}
