import type { Action } from '../linux/action.ts';

export interface LinkName {
  readonly netns?: string | undefined;
  readonly name: string;
}

/** The link that an `ip link delete` takes away. */
export function removedLink(action: Action): LinkName | undefined {
  if (action.op !== 'ip') return undefined;
  const [object = '', verb = '', ...rest] = action.args;
  if (!'link'.startsWith(object) || object === '' || (verb !== 'del' && verb !== 'delete')) return undefined;
  const name = rest[0] === 'dev' ? rest[1] : rest[0];
  return name === undefined ? undefined : { netns: action.netns, name };
}

/**
 * True when what the action would act on goes away together with what `removal` takes: everything inside a deleted
 * namespace; addresses, routes, neighbours, sysctls, queueing and settings of a deleted link.
 */
export function vanishesWith(action: Action, removal: Action): boolean {
  if (removal.op === 'netns-delete') return netnsOf(action) === removal.name;
  const link = removedLink(removal);
  if (link === undefined || netnsOf(action) !== link.netns) return false;
  if (action.op === 'ip') return named(action.args, 'dev', link.name);
  if (action.op === 'tc' || action.op === 'wg' || action.op === 'macsec') return action.dev === link.name;
  if (action.op === 'bridge') return named(action.args, 'dev', link.name) || named(action.args, 'port', link.name);
  if (action.op === 'ethtool') return action.args.includes(link.name);
  if (action.op === 'sysctl')
    return action.key
      .split(/[./]/)
      .join('/')
      .includes(`/${link.name.split('.').join('/')}/`);
  return false;
}

function named(args: readonly string[], key: string, name: string): boolean {
  return args.some((word, at) => word === key && args[at + 1] === name);
}

function netnsOf(action: Action): string | undefined {
  if (action.op === 'exec') return action.command.netns;
  if (action.op === 'daemon') return action.daemon.netns;
  return 'netns' in action ? action.netns : undefined;
}
