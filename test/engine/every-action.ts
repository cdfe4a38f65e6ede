import type { Action } from '../../agent/linux/action.ts';
import type { DaemonSpec } from '../../agent/linux/daemons/spec.ts';

const daemon: DaemonSpec = {
  ...{ name: 'web', netns: 'ns9', argv: ['true'], environment: {}, restart: 'never', stopSignal: 'TERM' },
  ...{ backoff: { initial: 1, max: 30 }, giveUp: { restarts: 5, within: 120 }, stopTimeout: 5, logLimit: 1000 },
  ready: { seconds: 0.3, timeout: 30 },
};

/** One action of each kind, as a ledger may have them. */
export const everyAction: readonly Action[] = [
  { op: 'ip', netns: 'ns9', args: ['link', 'delete', 'dev', 'v1'] },
  { op: 'sysctl', netns: 'ns9', key: 'net/ipv4/conf/v1/rp_filter', value: '1' },
  { op: 'sysctl', key: 'net/ipv4/ip_forward', value: '0' },
  { op: 'netns-delete', name: 'ns9' },
  { op: 'netns-add', name: 'ns8' },
  { op: 'file', file: { do: 'write', path: '/etc/x', content: '', mode: 0o644 } },
  { op: 'file', file: { do: 'unlink', path: '/etc/y' } },
  { op: 'file', file: { do: 'symlink', path: '/etc/z', target: '../y' } },
  { op: 'file', file: { do: 'mode', path: '/etc/x', mode: 0o600 } },
  { op: 'file', file: { do: 'owner', path: '/etc/x', uid: 0, gid: 0 } },
  { op: 'nft', netns: 'ns9', family: 'inet', table: 'lab' },
  { op: 'nft-rule', family: 'inet', table: 'lab', chain: 'input', rule: 'accept', remove: true },
  { op: 'tc', netns: 'ns9', dev: 'v1', clear: 'root', commands: [['qdisc', 'add', 'dev', 'v1', 'root', 'fq']] },
  { op: 'bridge', netns: 'ns9', args: ['vlan', 'del', 'dev', 'v1', 'vid', '1'] },
  { op: 'wg', dev: 'wg0', config: '' },
  { op: 'macsec', dev: 'ms0', args: ['del', 'ms0', 'rx'] },
  { op: 'ethtool', args: ['-K', 'v1', 'gro', 'on'] },
  { op: 'exec', command: { argv: ['true'], netns: 'ns9' } },
  { op: 'daemon', daemon, run: false },
  { op: 'daemon-remove', name: 'web', netns: 'ns9' },
];
