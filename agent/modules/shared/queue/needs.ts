import type { TaskNeed } from '../../module.ts';
import type { Filter } from './params.ts';
import type { Tree } from './tree.ts';

/** Queueing disciplines and classifiers that are parts of their own of the kernel (net/sched/Kconfig); all others are in each. */
const disciplines = new Set([
  ...['cake', 'cbs', 'choke', 'codel', 'drr', 'etf', 'ets', 'fq', 'fq_codel', 'fq_pie', 'gred', 'hfsc', 'hhf', 'htb'],
  ...['mqprio', 'multiq', 'netem', 'pie', 'plug', 'prio', 'qfq', 'red', 'sfb', 'sfq', 'skbprio', 'taprio', 'tbf'],
]);
const classifiers = new Set(['basic', 'bpf', 'cgroup', 'flow', 'flower', 'fw', 'matchall', 'u32']);

export function qdiscNeeds(kind: string, option?: string): TaskNeed[] {
  return disciplines.has(kind) ? partNeeds('SCH', kind, option) : [];
}

export function treeNeeds({ root, qdiscs, filters }: Tree): TaskNeed[] {
  return [
    ...qdiscNeeds(root.kind, 'root'),
    ...qdiscs.flatMap(({ kind }) => qdiscNeeds(kind, 'qdiscs')),
    ...filterNeeds(filters, 'filters'),
  ];
}

/** What filters of both ways hang at is clsact, which came with ingress. */
export function hookNeeds(filters: readonly Filter[] | undefined, option: string): TaskNeed[] {
  return filters === undefined ? [] : [...partNeeds('SCH', 'ingress', option), ...filterNeeds(filters, option)];
}

function filterNeeds(filters: readonly Filter[], option: string): TaskNeed[] {
  return filters.flatMap(({ kind }) => (classifiers.has(kind) ? partNeeds('CLS', kind, option) : []));
}

/** Distributions have some modules in packages of their own: kernel-modules-extra. */
function partNeeds(part: 'SCH' | 'CLS', kind: string, option: string | undefined): TaskNeed[] {
  return [
    { what: 'config', which: `NET_${part}_${kind.toUpperCase()}`, option },
    { what: 'loadable', which: `${part.toLowerCase()}_${kind}`, option },
  ];
}
