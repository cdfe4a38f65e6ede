import type { IptablesParams } from './fields.ts';

export type Program = 'iptables' | 'ip6tables';

type Word = string | number | undefined;

/** A flag and its value; "!" in front of the value goes in front of the flag. */
function flag(name: string, value: Word): readonly string[] {
  if (value === undefined) return [];
  const text = String(value);
  return text.startsWith('!') ? ['!', name, text.slice(1).trim()] : [name, text];
}

/** The extension that a match needs, unless the task names it itself. */
function extension(name: string, { match }: IptablesParams, ...values: readonly Word[]): readonly string[] {
  return match.includes(name) || values.every((value) => value === undefined) ? [] : ['-m', name];
}

function jumpOf(params: IptablesParams): Word {
  const { jump, log_prefix, log_level, set_dscp_mark, set_dscp_mark_class, reject_with } = params;
  if (set_dscp_mark !== undefined || set_dscp_mark_class !== undefined) return 'DSCP';
  if (jump !== undefined) return jump;
  if (log_prefix !== undefined || log_level !== undefined) return 'LOG';
  return reject_with === undefined ? undefined : 'REJECT';
}

/** What belongs to a target, behind it. */
function targetWords(params: IptablesParams): readonly string[] {
  return [
    ...flag('-j', jumpOf(params)),
    ...(/^tee$/i.test(String(params.jump)) ? flag('--gateway', params.gateway) : []),
    ...flag('--log-prefix', params.log_prefix),
    ...flag('--log-level', params.log_level),
    ...flag('--to-destination', params.to_destination),
    ...flag('--to-source', params.to_source),
    ...flag('--to-ports', params.to_ports),
    ...flag('--set-dscp', params.set_dscp_mark),
    ...flag('--set-dscp-class', params.set_dscp_mark_class),
    ...flag('--reject-with', params.reject_with),
  ];
}

function stateWords(params: IptablesParams): readonly string[] {
  const { ctstate, match } = params;
  if (ctstate.length === 0) return [];
  const old = match.includes('state') && !match.includes('conntrack');
  return old
    ? ['--state', ctstate.join(',')]
    : [...extension('conntrack', params, 'it'), '--ctstate', ctstate.join(',')];
}

function setWords(params: IptablesParams): readonly string[] {
  const { match_set, match_set_flags } = params;
  if (match_set === undefined) return [];
  return [...extension('set', params, match_set), ...flag('--match-set', match_set), match_set_flags ?? ''];
}

function fragmentWords(fragment: string | undefined): readonly string[] {
  if (fragment === undefined) return [];
  return fragment.startsWith('!') ? ['!', '-f'] : ['-f'];
}

/** Words of the rule for one program: matches, in the order that extensions need, then the target. */
export function ruleWords(params: IptablesParams, program: Program): readonly string[] {
  const { tcp_flags, destination_ports, syn, match } = params;
  const icmp = program === 'ip6tables' ? '--icmpv6-type' : '--icmp-type';
  return [
    ...flag('-p', params.protocol),
    ...flag('-s', params.source),
    ...flag('-d', params.destination),
    ...flag('-i', params.in_interface),
    ...flag('-o', params.out_interface),
    ...fragmentWords(params.fragment),
    ...match.flatMap((name) => ['-m', name]),
    ...(tcp_flags ? ['--tcp-flags', tcp_flags.flags.join(','), tcp_flags.flags_set.join(',')] : []),
    ...(syn === 'ignore' ? [] : syn === 'match' ? ['--syn'] : ['!', '--syn']),
    ...flag('--source-port', params.source_port),
    ...flag('--destination-port', params.destination_port),
    ...(destination_ports.length === 0
      ? []
      : [...extension('multiport', params, 'it'), '--dports', destination_ports.join(',')]),
    ...flag(icmp, params.icmp_type),
    ...stateWords(params),
    ...extension('iprange', params, params.src_range, params.dst_range),
    ...flag('--src-range', params.src_range),
    ...flag('--dst-range', params.dst_range),
    ...setWords(params),
    ...extension('limit', params, params.limit, params.limit_burst),
    ...flag('--limit', params.limit),
    ...flag('--limit-burst', params.limit_burst),
    ...extension('owner', params, params.uid_owner, params.gid_owner),
    ...flag('--uid-owner', params.uid_owner),
    ...flag('--gid-owner', params.gid_owner),
    ...extension('comment', params, params.comment),
    ...(params.comment === undefined ? [] : ['--comment', String(params.comment)]),
    ...targetWords(params),
    ...flag('-g', params.goto),
  ];
}
