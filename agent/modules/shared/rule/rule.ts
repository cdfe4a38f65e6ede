import type { Action } from '../../module.ts';
import { cidrText, parseCidr } from '../ip-address.ts';
import { ipProtocolText } from '../ip-protocols.ts';
import { protocolName } from '../protocols.ts';
import { familyArg, option } from '../route/family.ts';
import { flag, number, type Row, text } from '../rows.ts';
import { sameTable, type TableNames } from '../tables.ts';
import { tosText } from '../tos.ts';
import { dscpText, hasOwnName, labelText, portText, withMask } from './masked.ts';
import { familyOf, type RuleFields, typeOf } from './params.ts';

/** A policy routing rule, in ip's words: what it selects, and what becomes of it. */
export interface Rule {
  readonly family: 4 | 6;
  readonly priority: number | undefined;
  /** "not from all to 10.0.0.0/8 iif eth0" */
  readonly selector: string;
  /** "lookup TABLE suppress_prefixlength 0", or goto N, nop, blackhole, unreachable, prohibit. */
  readonly action: string;
  /** Undefined in a wanted rule: whatever it is. */
  readonly protocol: string | undefined;
}

interface Selection {
  readonly not: boolean;
  /** Networks, or "all". */
  readonly from: string;
  readonly to: string;
  readonly iif: string | undefined;
  readonly oif: string | undefined;
  readonly tos: string | undefined;
  readonly dscp: string | undefined;
  readonly flowlabel: string | undefined;
  readonly fwmark: string | undefined;
  readonly uidrange: string | undefined;
  readonly ipproto: string | undefined;
  readonly sport: string | undefined;
  readonly dport: string | undefined;
  readonly tunId: number | undefined;
  readonly l3mdev: boolean;
}

function selectorText(said: Selection): string {
  return [
    ...(said.not ? ['not'] : []),
    ...['from', said.from],
    ...(said.to === 'all' ? [] : ['to', said.to]),
    ...option('tos', said.tos),
    ...option('dscp', said.dscp),
    ...option('flowlabel', said.flowlabel),
    ...option('iif', said.iif),
    ...option('oif', said.oif),
    ...option('fwmark', said.fwmark),
    ...option('uidrange', said.uidrange),
    ...option('ipproto', said.ipproto),
    ...option('sport', said.sport),
    ...option('dport', said.dport),
    ...option('tun_id', said.tunId),
    ...(said.l3mdev ? ['l3mdev'] : []),
  ].join(' ');
}

interface Outcome {
  readonly action: string;
  readonly prefixLength: number | undefined;
  readonly linkGroup: string | undefined;
  readonly realms: string | undefined;
}

function actionText({ action, prefixLength, linkGroup, realms }: Outcome): string {
  const extra = [
    ...option('suppress_prefixlength', prefixLength),
    ...option('suppress_ifgroup', linkGroup === 'default' ? '0' : linkGroup),
    ...option('realms', realms),
  ];
  return [...(action === '' ? [] : [action]), ...extra].join(' ');
}

/** Keys of `ip -d rule show` that a Rule says; a row with others is a rule that tasks cannot name. */
const known = new Set([
  ...'priority not src srclen dst dstlen iif iif_detached oif oif_detached tos fwmark fwmask uid_start'.split(' '),
  ...'uid_end ipproto sport sport_start sport_end dport dport_start dport_end tun_id l3mdev table action'.split(' '),
  ...'goto unresolved nop suppress_prefixlen suppress_ifgroup flow_from flow_to protocol'.split(' '),
  ...'dscp dscp_mask flowlabel flowlabel_mask sport_mask dport_mask'.split(' '),
]);

function rowNetwork(row: Row, key: 'src' | 'dst'): string {
  const address = text(row, key) ?? 'all';
  if (address === 'all') return 'all';
  return `${address}/${number(row, `${key}len`) ?? parseCidr(address)?.prefix}`;
}

function rowRange(row: Row, key: string): string | undefined {
  const lone = number(row, key);
  if (lone === undefined) return range(number(row, `${key}_start`), number(row, `${key}_end`));
  return portText(withMask(row, key) ?? lone);
}

function range(from: number | undefined, to: number | undefined): string | undefined {
  return from === undefined || to === undefined ? undefined : `${from}-${to}`;
}

/**
 * "0x10" or "0x10/0xff" from a number or from text in any base. A mark of 0 needs its mask: the kernel takes 0 alone
 * for any mark (net/core/fib_rules.c).
 */
function markText(mark: string | number): string {
  const [value = '0', mask = '0xffffffff'] = String(mark).split('/');
  const hex = (digits: string) => `0x${Number(digits).toString(16)}`;
  const whole = Number(mask) === 0xffffffff && Number(value) !== 0;
  return whole ? hex(value) : `${hex(value)}/${hex(mask)}`;
}

function rowOutcome(row: Row, names: TableNames): string {
  const jump = number(row, 'goto');
  if (jump !== undefined) return `goto ${jump}`;
  if (flag(row, 'nop')) return 'nop';
  if (flag(row, 'l3mdev') && !('table' in row || 'action' in row)) return '';
  return text(row, 'action') ?? `lookup ${sameTable(text(row, 'table') ?? 'main', names)}`;
}

/** What a rule selects by that tasks cannot name: what is not known, or a DSCP by a name that its host does not know. */
export function unknownKeys(row: Row): string {
  return Object.keys(row)
    .filter((key) => !known.has(key) || (key === 'dscp' && hasOwnName(row)))
    .join(', ');
}

/** A rule of the kernel; undefined when it selects by something that tasks cannot name. */
export function ruleOf(row: Row, family: 4 | 6, names: TableNames): Rule | undefined {
  if (unknownKeys(row) !== '') return undefined;
  const mark = text(row, 'fwmark');
  const mask = text(row, 'fwmask');
  const ipproto = text(row, 'ipproto');
  const dscp = withMask(row, 'dscp');
  const label = withMask(row, 'flowlabel');
  const realms = [text(row, 'flow_from'), text(row, 'flow_to')].filter((part) => part !== undefined);
  return {
    family,
    priority: number(row, 'priority'),
    selector: selectorText({
      not: flag(row, 'not'),
      from: rowNetwork(row, 'src'),
      to: rowNetwork(row, 'dst'),
      iif: text(row, 'iif'),
      oif: text(row, 'oif'),
      tos: tosText(text(row, 'tos')),
      dscp: dscp === undefined ? undefined : dscpText(dscp),
      flowlabel: label === undefined ? undefined : labelText(label),
      fwmark: mark === undefined ? undefined : markText(mask === undefined ? mark : `${mark}/${mask}`),
      uidrange: range(number(row, 'uid_start'), number(row, 'uid_end')),
      ipproto: ipproto === undefined ? undefined : ipProtocolText(ipproto),
      sport: rowRange(row, 'sport'),
      dport: rowRange(row, 'dport'),
      tunId: number(row, 'tun_id'),
      l3mdev: flag(row, 'l3mdev'),
    }),
    action: actionText({
      action: rowOutcome(row, names),
      prefixLength: number(row, 'suppress_prefixlen'),
      linkGroup: text(row, 'suppress_ifgroup'),
      realms: realms.length === 0 ? undefined : realms.join('/'),
    }),
    protocol: protocolName(text(row, 'protocol') ?? 'unspec'),
  };
}

function networkText(text: string | undefined): string {
  const cidr = text === undefined || text === 'all' ? undefined : parseCidr(text);
  return cidr === undefined || cidr.prefix === 0 ? 'all' : cidrText(cidr);
}

function rangeText(said: string | number | undefined, lone: boolean): string | undefined {
  if (said === undefined) return undefined;
  if (String(said).includes('/')) return portText(said);
  const [from, to = from] = String(said).split('-');
  return lone && from === to ? from : `${from}-${to}`;
}

/** The rule that a task describes. */
export function wantedRule(params: RuleFields, names: TableNames): Rule {
  const { priority, not, iif, oif, l3mdev, dscp, flowlabel, fwmark, ipproto } = params;
  const type = typeOf(params);
  const lookup = l3mdev ? '' : `lookup ${sameTable(params.table ?? 'main', names)}`;
  return {
    family: familyOf(params),
    priority,
    selector: selectorText({
      ...{ not, iif, oif, l3mdev },
      from: networkText(params.from),
      to: networkText(params.to),
      tos: tosText(params.tos),
      dscp: dscp === undefined ? undefined : dscpText(dscp),
      flowlabel: flowlabel === undefined ? undefined : labelText(flowlabel),
      fwmark: fwmark === undefined ? undefined : markText(fwmark),
      uidrange: rangeText(params.uidrange, false),
      ipproto: ipproto === undefined ? undefined : ipProtocolText(ipproto),
      sport: rangeText(params.sport, true),
      dport: rangeText(params.dport, true),
      tunId: params.tun_id,
    }),
    action: actionText({
      action: type === 'lookup' ? lookup : type === 'goto' ? `goto ${params.goto}` : type,
      prefixLength: params.suppress_prefixlength,
      linkGroup: params.suppress_ifgroup === undefined ? undefined : String(params.suppress_ifgroup),
      realms: params.realms === undefined ? undefined : String(params.realms),
    }),
    protocol: params.protocol === undefined ? undefined : protocolName(params.protocol),
  };
}

/** local, main, default, and l3mdev of the first vrf. */
export function isKernelMade(rule: Rule): boolean {
  return rule.protocol === 'kernel';
}

export function ruleText(rule: Rule): string {
  const priority = rule.priority === undefined ? '' : `${rule.priority}: `;
  return [`${priority}${rule.selector}`, ...words(rule.action), ...protocolWords(rule)].join(' ');
}

function protocolWords({ protocol }: Rule): string[] {
  return protocol === undefined || protocol === 'unspec' ? [] : ['protocol', protocol];
}

function words(text: string): string[] {
  return text === '' ? [] : text.split(' ');
}

/** Adds or deletes exactly this rule. */
export function ruleAction(verb: 'add' | 'delete', rule: Rule, netns: string | undefined): Action {
  const priority = rule.priority === undefined ? [] : ['priority', String(rule.priority)];
  const said = [...words(rule.selector), ...words(rule.action), ...protocolWords(rule)];
  return { op: 'ip', netns, args: [...familyArg(rule.family), 'rule', verb, ...priority, ...said] };
}

/** Without a priority these are the kernel's own rules, too. */
export function isForAll(params: RuleFields): boolean {
  return params.priority === undefined && wantedRule(params, {}).selector === 'from all';
}
