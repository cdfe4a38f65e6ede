import { bridgePort } from './bridge-task.ts';
import { kindWords, linkWords, parents, switches, tunnelModes, tuntapWords } from './ip-words.ts';
import { readSwitches, readWords } from './read-words.ts';
import { type How, one, type Params, type Translated } from './translated.ts';

/** `ip link add [link DEV] [name] NAME [...] type KIND [...]`. */
export function newLink(words: readonly string[]): Translated {
  const type = words.indexOf('type');
  if (type < 0) return { reason: 'it does not say what kind of link it makes' };
  const [kind = '', ...options] = words.slice(type + 1);
  const common = readWords(words.slice(0, type), {
    ...linkWords,
    link: 'parent',
    name: 'name',
    dev: 'name',
    netns: 'netns',
  });
  if ('reason' in common) return common;
  const { name = common.first, parent, ...params } = common.params;
  const carried = parent === undefined ? {} : parents.has(kind) ? { parent } : undefined;
  if (carried === undefined) return { reason: `orch has no task for links of type ${kind} on another` };
  return ofKind(kind, { name, ...carried }, options, params);
}

/** A link with the options of its kind. */
function ofKind(kind: string, before: Params, options: readonly string[], behind: Params = {}): Translated {
  if (!Object.hasOwn(kindWords, kind)) return { reason: `orch has no task for links of type ${kind}` };
  if (kind === 'veth' || kind === 'netkit') return pair(kind, before, options, behind);
  const own = readWords(spread(options), kindWords[kind] ?? {}, false);
  if ('reason' in own) return own;
  const { key, ...rest } = own.params;
  const keys = key === undefined ? {} : { ikey: key, okey: key };
  return one(kind, { ...before, ...rest, ...keys, ...behind });
}

/** Options with several values as one with a value: `srcport MIN MAX`, `egress-qos-map FROM:TO ...` (ip-link(8)). */
function spread(options: readonly string[]): readonly string[] {
  const at = options.indexOf('srcport');
  const [from, to] = options.slice(at + 1);
  if (at >= 0 && to !== undefined)
    return [...options.slice(0, at), 'srcport', `${from}-${to}`, ...options.slice(at + 3)];
  const joined: string[] = [];
  for (const word of options) {
    const before = joined.at(-1) ?? '';
    if (/^\d+:\d+$/.test(word) && /^\d+:\d/.test(before)) joined[joined.length - 1] = `${before},${word}`;
    else joined.push(word);
  }
  return joined;
}

const peerPolicy = { forward: { peer_policy: 'forward' }, blackhole: { peer_policy: 'blackhole' } };

/** `peer [name] NAME [netns NETNS] [...]`: what else the other end gets is a task of its own. */
function pair(kind: string, before: Params, options: readonly string[], behind: Params): Translated {
  const at = options.indexOf('peer');
  const own = readWords(at < 0 ? options : options.slice(0, at), kindWords[kind] ?? {}, false);
  if ('reason' in own) return own;
  if (at < 0) return one(kind, { ...before, ...own.params, ...behind });
  const words = { ...linkWords, ...(kind === 'netkit' ? peerPolicy : {}), name: 'name', netns: 'netns' };
  const found = readWords(options.slice(at + 1), words);
  if ('reason' in found) return found;
  const { name = found.first, netns, peer_policy, ...rest } = found.params;
  const peer = {
    ...(peer_policy === undefined ? {} : { peer_policy }),
    ...(name === undefined ? {} : { peer: name }),
    ...(netns === undefined ? {} : { peer_netns: netns }),
  };
  const both = { module: kind, params: { ...before, ...own.params, ...peer, ...behind } };
  const other = { module: 'link', params: { name, ...(netns === undefined ? {} : { netns }), ...rest } };
  return { tasks: Object.keys(rest).length === 0 ? [both] : [both, other] };
}

/** `ip link set [dev] DEV ... [type KIND ...]`, `ip link del DEV`. */
export function setLink(words: readonly string[], how: How): Translated {
  const type = words.indexOf('type');
  const { switched, others } = readSwitches(type < 0 ? words : words.slice(0, type), switches);
  const found = readWords(others, { ...linkWords, dev: 'dev', name: 'name', netns: 'netns' });
  if ('reason' in found) return found;
  const { dev = found.first, name, netns, ...params } = found.params;
  if (how.absent) return one('link', { name: dev, state: 'absent' });
  if (typeof netns === 'number') return { reason: 'it moves the link to the namespace of a process' };
  const moved = netns === undefined ? {} : { netns };
  const before = name === undefined && netns === undefined ? {} : { from_name: dev };
  const link = { name: name ?? dev, ...before, ...moved, ...switched, ...params };
  if (type < 0) return one('link', link);
  const [kind = '', ...options] = words.slice(type + 1);
  if (Object.keys(link).length > 1) return { reason: 'it sets what any link has and what its kind has: two commands' };
  return kind === 'bridge_slave' ? bridgePort(dev, options) : ofKind(kind, { name: dev }, options);
}

/** `ip link property add dev DEV altname NAME ...`. */
export function altnamesTask([command, ...words]: readonly string[]): Translated {
  if (command !== 'add') return { reason: 'orch has no task for "ip link property"' };
  const altnames = words.filter((_, at) => words[at - 1] === 'altname');
  const others = words.filter((word, at) => word !== 'altname' && words[at - 1] !== 'altname');
  const found = readWords(others, { dev: 'dev' });
  return 'reason' in found ? found : one('link', { name: found.params.dev ?? found.first, altnames });
}

/** `ip tunnel add [name] NAME mode MODE ...`. */
export function tunnelTask(words: readonly string[], how: How): Translated {
  const at = words.indexOf('mode');
  const mode = (at < 0 ? undefined : words[at + 1]) ?? (how.v6 ? 'any' : '');
  const others = at < 0 ? words : [...words.slice(0, at), ...words.slice(at + 2)];
  const [name, ...options] = others[0] === 'name' ? others.slice(1) : others;
  if (how.absent) return one('link', { name, state: 'absent' });
  const kind = Object.hasOwn(tunnelModes, mode) ? tunnelModes[mode] : undefined;
  if (kind === undefined) return { reason: `orch has no task for tunnels of mode ${mode}` };
  return ofKind(kind, { name, ...(kind === 'ip6tnl' ? { mode } : {}) }, options);
}

/** `ip tuntap add [dev] NAME mode tun|tap ...`. */
export function tuntapTask(words: readonly string[], how: How): Translated {
  const found = readWords(words, tuntapWords);
  if ('reason' in found) return found;
  const { name = found.first, ...params } = found.params;
  return how.absent ? one('link', { name, state: 'absent' }) : one('tun', { name, ...params });
}
