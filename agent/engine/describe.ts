import type { Action } from '../linux/action.ts';
import { tcCommands } from '../linux/tools.ts';

/** An action in words a person can type or understand; contents of files stay out. */
function describeAction(action: Action): string {
  switch (action.op) {
    case 'ip':
      return ['ip', ...(action.netns === undefined ? [] : ['-n', action.netns]), ...action.args].join(' ');
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
        .map((args) => ['tc', ...(action.netns === undefined ? [] : ['-n', action.netns]), ...args].join(' '))
        .join('; ');
    case 'bridge':
      return ['bridge', ...(action.netns === undefined ? [] : ['-n', action.netns]), ...action.args].join(' ');
    case 'wg':
      return `${inNetns(action.netns)}wg syncconf ${action.dev} (with keys, not shown)`;
    case 'macsec':
      return [
        'ip',
        ...(action.netns === undefined ? [] : ['-n', action.netns]),
        'macsec',
        ...withoutKey(action.args),
      ].join(' ');
    case 'ethtool':
      return `${inNetns(action.netns)}ethtool ${action.args.join(' ')}`;
    case 'exec':
      return action.says ?? action.command.argv.join(' ');
    case 'daemon':
      return `${action.run ? 'start' : 'define'} daemon ${placed(action.daemon)}: ${action.daemon.argv.join(' ')}`;
    case 'daemon-remove':
      return `stop daemon ${placed(action)}`;
  }
}

/** `... key ID KEY`. */
function withoutKey(args: readonly string[]): string[] {
  const at = args.indexOf('key');
  return args.map((word, index) => (at >= 0 && index === at + 2 ? '(not shown)' : word));
}

function inNetns(netns: string | undefined): string {
  return netns === undefined ? '' : `ip netns exec ${netns} `;
}

function placed({ name, netns }: { readonly name: string; readonly netns?: string | undefined }): string {
  return netns === undefined ? name : `${netns}/${name}`;
}

export function describeActions(actions: readonly Action[]): string {
  return actions.map(describeAction).join('; ');
}
