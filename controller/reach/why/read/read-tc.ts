import { number, object, type Row, rows, text } from '../../../../agent/modules/shared/rows.ts';
import type { Place } from '../seen/evidence.ts';
import { parseRows } from './read-rows.ts';

type Qdisc = Place['qdiscs'][number];
type Filter = Place['filters'][number];

/**
 * Queueing disciplines and the filters that drop packets: a line for each question, a tab, and tc's answer in JSON. The
 * questions are `qdisc`, and `DEV root`, `DEV ingress` and `DEV egress` for the filters there. `before`: the same before the probe.
 */
export function readTc(lines: string, before?: string): { readonly qdiscs: Qdisc[]; readonly filters: Filter[] } {
  const { qdiscs, filters } = readAnswers(lines);
  const earlier = before === undefined ? [] : readAnswers(before).filters;
  const named = ({ drops: _, ...filter }: Filter) => JSON.stringify(filter);
  // They have no other name: where they are not the same ones in the same order, nothing is known.
  if (earlier.map(named).join() !== filters.map(named).join()) return { qdiscs, filters };
  return {
    qdiscs,
    filters: filters.map((filter, at) => ({ ...filter, grown: filter.drops - (earlier[at]?.drops ?? 0) })),
  };
}

function readAnswers(lines: string): { readonly qdiscs: Qdisc[]; readonly filters: Filter[] } {
  const answers = lines.split('\n').map((line) => line.split('\t'));
  const qdiscs = answers.flatMap(([question, json]) =>
    question === 'qdisc' ? parseRows(json ?? '').map(readQdisc) : [],
  );
  const having = (kind: string) => new Set(qdiscs.filter((qdisc) => qdisc.kind === kind).map(({ dev }) => dev));
  const [clsact, ingress] = [having('clsact'), having('ingress')];
  const filters = answers.flatMap(([question = '', json = '']) => {
    const [dev, at] = question.split(' ');
    if (dev === undefined || (at !== 'root' && at !== 'ingress' && at !== 'egress')) return [];
    // The older ingress has one list, and shows it for egress and root too.
    if (at !== 'ingress' && !clsact.has(dev) && ingress.has(dev)) return [];
    return parseRows(json).flatMap((row) => readFilter(dev, at, row));
  });
  return { qdiscs, filters };
}

/** netem's delay is in seconds, its loss a fraction. */
function readQdisc(row: Row): Qdisc {
  const options = object(row, 'options');
  return {
    dev: text(row, 'dev') ?? '',
    kind: text(row, 'kind') ?? '',
    root: row.root === true,
    loss: rounded((number(object(options, 'loss-random'), 'loss') ?? 0) * 100),
    delayMs: rounded((number(object(options, 'delay'), 'delay') ?? 0) * 1000),
    burst: number(options, 'burst'),
    drops: number(row, 'drops') ?? 0,
  };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** One filter that drops: by itself, or by its action, all of it or what is over a rate. */
function readFilter(dev: string, at: Filter['at'], row: Row): readonly Filter[] {
  const options = object(row, 'options');
  return rows(options, 'actions').flatMap((action): readonly Filter[] => {
    const kind = text(action, 'kind') ?? '';
    const control = text(object(action, 'control_action'), 'type') ?? '';
    const drops = number(object(action, 'stats'), 'drops') ?? 0;
    if (control !== 'drop' && control !== 'shot' && kind !== 'police') return [];
    const words = kind === 'police' ? 'police' : 'drop';
    const { pref, protocol } = { pref: number(row, 'pref') ?? 0, protocol: text(row, 'protocol') ?? 'all' };
    return [{ dev, at, protocol, kind: text(row, 'kind') ?? '', pref, action: words, drops }];
  });
}
