import type { Action } from '../module.ts';
import { parseCidr } from './ip-address.ts';
import { familyArg } from './route/family.ts';
import { number, type Row, text } from './rows.ts';
import { sameTable, type TableNames } from './tables.ts';

/** A policy routing rule: what it selects, and what becomes of it. */
export interface Rule {
  readonly priority: number | undefined;
  /** A network, or "all". */
  readonly from: string;
  readonly to: string;
  readonly iif: string | undefined;
  readonly oif: string | undefined;
  /** "0x10/0xff"; the mask is left out when it is whole. */
  readonly fwmark: string | undefined;
  /** "lookup TABLE", or blackhole, unreachable, prohibit. */
  readonly action: string;
}

/** Keys of `ip -d rule show` that a Rule says; a row with others is a rule that tasks cannot name. */
const known = new Set(
  'priority src srclen dst dstlen iif iif_detached oif oif_detached fwmark fwmask table action protocol'.split(' '),
);

function networkText(row: Row, key: 'src' | 'dst'): string {
  const address = text(row, key) ?? 'all';
  if (address === 'all') return 'all';
  const length = number(row, `${key}len`);
  return length === undefined ? wholeAddress(address) : `${address}/${length}`;
}

function wholeAddress(address: string): string {
  return `${address}/${parseCidr(address)?.prefix}`;
}

/** "0x10" or "0x10/0xff" from a number or from text in any base. */
export function markText(mark: string | number): string {
  const [value = '0', mask] = String(mark).split('/');
  const hex = (digits: string) => `0x${Number(digits).toString(16)}`;
  return mask === undefined || Number(mask) === 0xffffffff ? hex(value) : `${hex(value)}/${hex(mask)}`;
}

/** A rule of the kernel; undefined when it selects by something that tasks cannot name. */
export function ruleOf(row: Row, names: TableNames): Rule | undefined {
  if (Object.keys(row).some((key) => !known.has(key))) return undefined;
  const mark = text(row, 'fwmark');
  const mask = text(row, 'fwmask');
  return {
    priority: number(row, 'priority'),
    from: networkText(row, 'src'),
    to: networkText(row, 'dst'),
    iif: text(row, 'iif'),
    oif: text(row, 'oif'),
    fwmark: mark === undefined ? undefined : markText(mask === undefined ? mark : `${mark}/${mask}`),
    action: text(row, 'action') ?? `lookup ${sameTable(text(row, 'table') ?? 'main', names)}`,
  };
}

/** "from all to 10.0.0.0/8 iif eth0": what is selected, without priority. */
export function selector(rule: Rule): string {
  return selectorArgs(rule).join(' ');
}

function selectorArgs(rule: Rule): string[] {
  return [
    ...['from', rule.from],
    ...(rule.to === 'all' ? [] : ['to', rule.to]),
    ...(rule.iif === undefined ? [] : ['iif', rule.iif]),
    ...(rule.oif === undefined ? [] : ['oif', rule.oif]),
    ...(rule.fwmark === undefined ? [] : ['fwmark', rule.fwmark]),
  ];
}

export function ruleText(rule: Rule): string {
  return `${rule.priority === undefined ? '' : `${rule.priority}: `}${selector(rule)} ${rule.action}`;
}

/** Adds or deletes exactly this rule. */
export function ruleAction(verb: 'add' | 'delete', rule: Rule, family: 4 | 6, netns: string | undefined): Action {
  const priority = rule.priority === undefined ? [] : ['priority', String(rule.priority)];
  const args = [...familyArg(family), 'rule', verb, ...priority, ...selectorArgs(rule), ...rule.action.split(' ')];
  return { op: 'ip', netns, args };
}
