import { type Action, ownNetns } from '../../linux/action.ts';
import { sysctlPath } from '../../linux/ip/names.ts';

/** The words of an ip command without its family. */
export function ipWords(args: readonly string[]): readonly string[] {
  return args[0]?.startsWith('-') ? args.slice(1) : args;
}

/** The word after a keyword. */
export function after(words: readonly string[], keyword: string): string | undefined {
  const at = words.indexOf(keyword);
  return at < 0 ? undefined : words[at + 1];
}

/** Sets a link up or down, and nothing else. */
export function linkStateOf(action: Action): 'up' | 'down' | undefined {
  const [object, verb, , , state, ...more] = action.op === 'ip' ? ipWords(action.args) : [];
  if (object !== 'link' || verb !== 'set' || more.length > 0) return undefined;
  return state === 'up' || state === 'down' ? state : undefined;
}

/** Links that an `ip link` command makes, changes or removes, by their names there; the parent of a new one is not. */
export function linksOf(action: Action): readonly string[] {
  if (action.op !== 'ip') return [];
  const [object = '', verb = '', ...rest] = ipWords(action.args);
  if (object === '' || !'link'.startsWith(object)) return [];
  if (verb !== 'add') return [after(rest, 'dev') ?? rest[0] ?? [], after(rest, 'name') ?? []].flat();
  const first = rest[0] === 'link' || rest[0] === 'name' || rest[0] === 'dev' ? [] : rest.slice(0, 1);
  return [...first, ...rest.filter((_, at) => rest[at - 1] === 'name' || rest[at - 1] === 'dev')];
}

/** Namespaces that an action works in; undefined is the host's own. */
export function namespacesOf(action: Action): readonly (string | undefined)[] {
  switch (action.op) {
    case 'ip':
      return [action.netns, ...namesAfter(moves, action.args).map((name) => (name === ownNetns ? undefined : name))];
    case 'sysctl':
    case 'nft':
    case 'nft-rule':
    case 'tc':
    case 'bridge':
    case 'ethtool':
    case 'wg':
    case 'macsec':
    case 'daemon-remove':
      return [action.netns];
    case 'daemon':
      return [action.daemon.netns];
    case 'exec':
      return [action.command.netns];
    case 'netns-add':
    case 'netns-delete':
      return [action.name];
    case 'file':
      return [];
  }
}

function namesAfter(keywords: ReadonlySet<string>, words: readonly string[]): readonly string[] {
  return words.filter((_, at) => keywords.has(words[at - 1] ?? ''));
}

const moves = new Set(['netns', 'link-netns']);

/** The sysctl that an action writes, as a path below /proc/sys. */
export function sysctlOf(action: Action): string | undefined {
  return action.op === 'sysctl' ? sysctlPath(action.key) : undefined;
}
