import { type Action, ownNetns } from '../../linux/action.ts';
import type { Step } from '../../modules/module.ts';
import { deleteLink } from '../../modules/shared/link/actions.ts';
import { after, ipWords, linksOf } from './touched.ts';

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

/** The links that an `ip link add` or `ip tuntap add` makes; a pair has two. */
export function addedLinks(action: Action): readonly LinkName[] {
  if (action.op !== 'ip' || action.args[1] !== 'add') return [];
  const [object = '', , ...rest] = action.args;
  if (object === 'tuntap') return [{ netns: action.netns, name: rest[rest.indexOf('dev') + 1] ?? '' }];
  if (object !== 'link') return [];
  const peer = rest.indexOf('peer');
  const ends = peer < 0 ? [rest] : [rest.slice(0, peer), rest.slice(peer)];
  return ends.flatMap((words) => {
    const name = after(words, 'name');
    const netns = after(words, 'netns') ?? action.netns;
    return name === undefined ? [] : [{ netns: netns === ownNetns ? undefined : netns, name }];
  });
}

/** The link that an `ip link` command makes others ports of. */
export function masterOf(action: Action): LinkName | undefined {
  if (action.op !== 'ip' || linksOf(action).length === 0) return undefined;
  const name = after(ipWords(action.args), 'master');
  return name === undefined ? undefined : { netns: action.netns, name };
}

/** Everything that a step takes away: with a link go those that its inverse has to bring back. */
export function removalsOf({ action, undo, removes }: Step): readonly Action[] {
  if (removes !== true || removedLink(action) === undefined) return [action];
  const others = undo.flatMap(addedLinks).filter(({ netns, name }) => !isSame(removedLink(action), { netns, name }));
  return [action, ...others.map(({ netns, name }) => deleteLink(netns, name))];
}

/** The other end of a pair whose one end the step takes away: one command makes both. */
export function removedPeer({ action, undo, removes }: Step): LinkName | undefined {
  const link = removes === true ? removedLink(action) : undefined;
  const pair = undo.map(addedLinks).find((links) => links.some((each) => isSame(link, each)));
  return pair?.find((each) => !isSame(link, each));
}

/** Whether both name the same link. */
export function isSame(a: LinkName | undefined, b: LinkName): boolean {
  return a?.name === b.name && a.netns === b.netns;
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
  if (action.op === 'ethtool') return action.args[1] === link.name;
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
