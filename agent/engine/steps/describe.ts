import type { Action } from '../../linux/action.ts';
import { tcCommands } from '../../linux/tools.ts';
import { placed } from '../../modules/shared/place.ts';

/** An action in words a person can type or understand; contents of files stay out. */
function describeAction(action: Action): string {
  switch (action.op) {
    case 'ip':
      return command('ip', action.netns, action.args);
    case 'sysctl':
      return `${inNetns(action.netns)}sysctl -w ${action.key}=${action.value}`;
    case 'netns-add':
      return `ip netns add ${action.name}`;
    case 'netns-delete':
      return `ip netns delete ${action.name}`;
    case 'file':
      return `${action.file.do} ${action.file.path}`;
    case 'nft':
      return `${inNetns(action.netns)}nft ${action.text === undefined ? 'delete' : 'replace'} table ${action.family} ${action.table}`;
    case 'nft-rule': {
      const { netns, family, table, chain, rule, remove } = action;
      return `${inNetns(netns)}nft ${remove ? 'delete' : 'add'} rule ${family} ${table} ${chain} ${rule}`;
    }
    case 'tc':
      return tcCommands(action)
        .map((args) => command('tc', action.netns, args))
        .join('; ');
    case 'bridge':
      return command('bridge', action.netns, action.args);
    case 'wg':
      return `${inNetns(action.netns)}wg syncconf ${action.dev} (with keys, not shown)`;
    case 'macsec':
      return command('ip', action.netns, ['macsec', ...withoutKey(action.args)]);
    case 'ethtool':
      return `${inNetns(action.netns)}ethtool ${action.args.join(' ')}`;
    case 'exec':
      return action.says ?? action.command.argv.join(' ');
    case 'daemon':
      return `${action.run ? 'start' : 'define'} daemon ${placed(action.daemon.netns, action.daemon.name)}: ${action.daemon.argv.join(' ')}`;
    case 'daemon-remove':
      return `stop daemon ${placed(action.netns, action.name)}`;
  }
}

/** Of a program that takes the namespace by an option. */
function command(program: string, netns: string | undefined, args: readonly string[]): string {
  return [program, ...(netns === undefined ? [] : ['-n', netns]), ...args].join(' ');
}

/** `... key ID KEY`. */
function withoutKey(args: readonly string[]): string[] {
  const at = args.indexOf('key');
  return args.map((word, index) => (at >= 0 && index === at + 2 ? '(not shown)' : word));
}

function inNetns(netns: string | undefined): string {
  return netns === undefined ? '' : `ip netns exec ${netns} `;
}

export function describeActions(actions: readonly Action[]): string {
  return actions.map(describeAction).join('; ');
}
