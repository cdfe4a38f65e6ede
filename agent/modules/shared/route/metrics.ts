import * as z from 'zod';
import { number, type Row, rows, text } from '../rows.ts';

const count = z.int().min(1).max(0xffffffff).optional();
const milliseconds = z.int().min(1).max(100_000).optional();
const lockable = [
  ...(['mtu', 'advmss', 'window', 'rtt', 'rttvar', 'ssthresh', 'cwnd', 'reordering', 'hoplimit', 'initcwnd'] as const),
  ...(['initrwnd', 'congctl'] as const),
] as const;

/** What connections by a route start from (ip-route(8); the bounds are those of net/ipv4/metrics.c). */
export const metricFields = {
  mtu: z.int().min(68).max(65_520).optional().describe('Largest packet, in bytes.'),
  advmss: z.int().min(1).max(65_495).optional().describe('Segment size that TCP announces.'),
  window: count.describe('Largest TCP window to announce, in bytes.'),
  rtt: milliseconds.describe('First guess of the round trip time, in milliseconds.'),
  rttvar: milliseconds.describe('First guess of its variance, in milliseconds.'),
  rto_min: milliseconds.describe('Shortest TCP retransmission timeout, in milliseconds.'),
  ssthresh: count.describe('First guess of the slow start threshold, in segments.'),
  cwnd: count.describe('Largest congestion window; counts only when locked.'),
  initcwnd: count.describe('Congestion window to start with, in segments.'),
  initrwnd: count.describe('Receive window to start with, in segments.'),
  reordering: count.describe('How much reordering TCP takes for normal, in segments.'),
  hoplimit: z.int().min(1).max(255).optional().describe('TTL or hop limit of packets by this route.'),
  quickack: z.boolean().optional().describe('Acknowledge at once.'),
  fastopen_no_cookie: z.boolean().optional().describe('TCP Fast Open without a cookie.'),
  features: z
    .array(z.enum(['ecn']))
    .optional()
    .describe('ecn: TCP asks for explicit congestion notification.'),
  congctl: z
    .string()
    .regex(/^[a-z0-9_-]{1,15}$/, 'the name of a congestion control, such as cubic')
    .optional()
    .describe('TCP congestion control.'),
  lock: z.array(z.enum(lockable)).optional().describe('Which of these the kernel may not adapt: [mtu].'),
};
type MetricParams = z.infer<z.ZodObject<typeof metricFields>>;

const plain = [
  'mtu',
  'advmss',
  'window',
  'ssthresh',
  'cwnd',
  'initcwnd',
  'initrwnd',
  'reordering',
  'hoplimit',
] as const;
const times = ['rtt', 'rttvar', 'rto_min'] as const;
const switches = ['quickack', 'fastopen_no_cookie'] as const;

/** Values in ip's words by ip's names: {mtu: "lock 1400", rtt: "100ms", features: "ecn"}; "0" is the same as none. */
export type Metrics = Readonly<Record<string, string>>;

export function wantedMetrics(params: MetricParams): Metrics {
  const found: [string, string][] = [];
  const add = (key: string, value: string) => {
    const locked = lockable.some((name) => name === key && params.lock?.includes(name));
    found.push([key, locked ? `lock ${value}` : value]);
  };
  for (const key of plain) if (params[key] !== undefined) add(key, String(params[key]));
  for (const key of times) if (params[key] !== undefined) add(key, `${params[key]}ms`);
  for (const key of switches) if (params[key] !== undefined) add(key, params[key] ? '1' : '0');
  if (params.features !== undefined) add('features', params.features[0] ?? '0');
  if (params.congctl !== undefined) add('congctl', params.congctl);
  return Object.fromEntries(found);
}

/** `locked`: names from lockedMetrics(), because the JSON of ip does not tell. */
export function metricsOf(row: Row, locked: ReadonlySet<string>): Metrics {
  const said = rows(row, 'metrics')[0] ?? {};
  const read = (key: string, name = key, unit = ''): [string, string][] => {
    const value = text(said, key) ?? number(said, key);
    return value === undefined ? [] : [[name, `${locked.has(name) ? 'lock ' : ''}${value}${unit}`]];
  };
  return Object.fromEntries([
    ...plain.flatMap((key) => read(key)),
    ...times.flatMap((key) => read(key, key, 'ms')),
    ...switches.flatMap((key) => read(key)),
    ...('ecn' in said ? [['features', 'ecn']] : []),
    ...read('congestion', 'congctl'),
  ]);
}

/** The locked metrics of each route in the text that `ip route show` prints. */
export function lockedMetrics(output: string): readonly ReadonlySet<string>[] {
  const routes = output.split('\n').filter((line) => /^\S/.test(line));
  return routes.map((line) => {
    const names = [...line.matchAll(/(\w+) lock /g)].map(([, name = '']) => name);
    return new Set(names.filter((name) => lockable.some((known) => known === name)));
  });
}

export function sameMetric(a: string | undefined, b: string | undefined): boolean {
  return (a ?? '0') === (b ?? '0');
}

export function metricWords(metrics: Metrics): string[] {
  return Object.entries(metrics).flatMap(([key, value]) => (value === '0' ? [] : [key, ...value.split(' ')]));
}

/** Which metrics a task locks without giving them a value. */
export function idleLocks(params: MetricParams): readonly string[] {
  return (params.lock ?? []).filter((name) => params[name] === undefined);
}
