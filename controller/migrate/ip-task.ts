import { isIP } from 'node:net';
import { readWay } from './encap-words.ts';
import { altnamesTask, newLink, setLink, tunnelTask, tuntapTask } from './ip-link-task.ts';
import { addressWords, neighbourWords, nexthopWords, routeTypes, routeWords, ruleWords, wayWords } from './ip-words.ts';
import { readWords } from './read-words.ts';
import { type How, one, onlyAsks, type Params, plain, type Translated } from './translated.ts';
import { within } from './within-netns.ts';

/** In the order in which ip tries them: it takes the first that begins with the word (ip.c). */
const objects = [
  'address',
  'route',
  'rule',
  'neighbor',
  'neighbour',
  'link',
  'tunnel',
  'tuntap',
  'netns',
  'nexthop',
  'macsec',
] as const;
/** In an order that gives to an abbreviation what ip takes it for; `ip link s` is its own. */
const verbs = [
  ...['add', 'change', 'chg', 'replace', 'append', 'delete', 'show', 'list', 'lst', 'set', 'get', 'flush'],
  ...['save', 'monitor', 'help', 'identify', 'pids', 'list-id'],
];
const asks = new Set(['show', 'list', 'lst', 'get', 'monitor', 'save', 'help', 'identify', 'pids', 'list-id']);
const makes = new Set(['add', 'replace', 'change', 'chg', 'append', 'set']);

/** What `ip ARGUMENTS` asks for, as tasks. `around`: the namespace that it is run in. */
export function ipTask(argv: readonly string[], around: string | undefined): Translated {
  let netns = around;
  let only: 'IPv4' | 'IPv6' | undefined;
  let at = 0;
  for (; argv[at]?.startsWith('-'); at++) {
    const option = argv[at] ?? '';
    if (/^-n(?:etns)?$/.test(option)) netns = argv[++at];
    else if (option === '-6') only = 'IPv6';
    else if (option === '-4') only = 'IPv4';
    else return { reason: `orch has no task for ip's option ${option}` };
  }
  const [word = '', verb = 'show', ...rest] = argv.slice(at);
  const object = word === '' ? undefined : objects.find((one) => one.startsWith(word));
  if (object === undefined) return { reason: `orch has no task for "ip ${word}"` };
  const isSet = object === 'link' && 'set'.startsWith(verb);
  const command = isSet ? 'set' : (verbs.find((one) => one.startsWith(verb)) ?? verb);
  if (object === 'netns') return netnsTask(command, rest);
  if (asks.has(command)) return onlyAsks;
  if (object === 'macsec') return { reason: associations };
  if (object === 'link' && command === 'property') return within(altnamesTask(rest), netns);
  if (object === 'route' && command === 'append') return { reason: addsAWay };
  if (object === 'address' && command === 'flush')
    return only === undefined ? within(flushTask(rest), netns) : { reason: `it leaves what is not of ${only}` };
  const absent = command === 'delete';
  if (!absent && !makes.has(command)) return { reason: `orch has no task for "ip ${word} ${command}"` };
  return within(of[object](rest, { absent, isNew: command === 'add', v6: only === 'IPv6' }), netns);
}

const associations = 'the module macsec has all associations of a link in one task: look at `orch doc macsec`';
const addsAWay = 'it adds to what is there: in a task `route`, `nexthops` has all ways';

const gone = ({ absent }: How) => (absent ? { state: 'absent' } : {});

const of: Readonly<
  Record<Exclude<(typeof objects)[number], 'netns' | 'macsec'>, (words: readonly string[], how: How) => Translated>
> = {
  address: addressTask,
  route: routeTask,
  rule: ruleTask,
  neighbor: neighbourTask,
  neighbour: neighbourTask,
  link: (words, how) => (how.isNew ? newLink(words) : setLink(words, how)),
  tunnel: tunnelTask,
  tuntap: tuntapTask,
  nexthop: nexthopTask,
};

function addressTask(words: readonly string[], how: How): Translated {
  const found = readWords(words, addressWords);
  if ('reason' in found) return found;
  const { address = found.first, peer, ...params } = found.params;
  // The prefix of a link between two is that of the other end.
  const [other, prefix] = `${peer ?? ''}`.split('/');
  const ends = peer === undefined ? {} : { peer: other };
  const whole = how.absent ? address : prefixed(`${address ?? ''}`, prefix);
  return one('address', { address: whole, ...ends, ...params, ...gone(how) });
}

/** ip takes an address without a prefix for one alone (ip-address(8)); what a template says may have one. */
function prefixed(text: string, ofPeer: string | undefined): string {
  const [address = '', own = isIP(address) === 6 ? '128' : '32'] = text.split('/');
  return isIP(address) === 0 ? text : `${address}/${ofPeer ?? own}`;
}

/** `ip address flush [dev] DEV`: all of one link. */
function flushTask(words: readonly string[]): Translated {
  const found = readWords(words, { dev: 'dev' });
  if ('reason' in found) return found;
  const dev = found.params.dev ?? found.first;
  return dev === undefined
    ? { reason: 'it does not say of which link' }
    : one('addresses', { dev, addresses: [], exact: true });
}

function routeTask(words: readonly string[], how: How): Translated {
  const [type, ...behind] = words;
  const typed = type !== undefined && routeTypes.has(type);
  const [alone = [], ...ways] = splitAt(
    (typed ? behind : words).filter((word) => word !== 'inet' && word !== 'inet6'),
    'nexthop',
  );
  const lock = alone.filter((_, at) => isLocked(alone, at + 1));
  const unlocked = alone.filter((_, at) => !isLocked(alone, at));
  const found = readWay(unlocked, routeWords);
  if ('reason' in found) return found;
  const nexthops: Params[] = [];
  for (const way of ways) {
    const read = readWay(way, wayWords, false);
    if ('reason' in read) return read;
    nexthops.push(read.params);
  }
  const dst = wholeNetwork(found.first ?? found.params.dst);
  const whole = dst === 'default' && how.v6 && found.params.via === undefined ? '::/0' : dst;
  const shared = { ...(nexthops.length > 0 && { nexthops }), ...(lock.length > 0 && { lock }) };
  return one('route', { dst: whole, ...(typed ? { type } : {}), ...found.params, ...shared, ...gone(how) });
}

/** `mtu lock 1400`: what the kernel may not adapt. */
function isLocked(words: readonly string[], at: number): boolean {
  return words[at] === 'lock' && words[at - 1] !== 'dev';
}

/** ip fills a network of IPv4 up with zeros: 10/8, and 0/0 for default. */
function wholeNetwork(dst: unknown): unknown {
  const [, bytes = '', prefix] = /^(\d{1,3}(?:\.\d{1,3}){0,2})\/(\d+)$/.exec(`${dst}`) ?? [];
  return prefix === undefined ? dst : `${[...bytes.split('.'), 0, 0, 0].slice(0, 4).join('.')}/${prefix}`;
}

/** The words before a word and behind each of its occurrences. */
function splitAt(words: readonly string[], what: string): readonly (readonly string[])[] {
  const parts: string[][] = [[]];
  for (const word of words) {
    if (word === what) parts.push([]);
    else parts.at(-1)?.push(word);
  }
  return parts;
}

function ruleTask(words: readonly string[], how: How): Translated {
  const found = readWords(words, ruleWords, false);
  if ('reason' in found) return found;
  const { from, ...params } = found.params;
  const only = from === undefined || from === 'all' ? {} : { from };
  return one('rule', { ...only, ...params, ...(how.v6 ? { family: 'inet6' } : {}), ...gone(how) });
}

function neighbourTask(words: readonly string[], how: How): Translated {
  const [first, proxied, ...rest] = words;
  const proxy = first === 'proxy';
  const found = readWords(proxy ? [proxied ?? '', ...rest] : words, neighbourWords);
  if ('reason' in found) return found;
  return one('neighbour', { dst: found.first, ...found.params, ...(proxy ? { proxy: true } : {}), ...gone(how) });
}

/** `ip nexthop add id ID ...`; a group is `1/2,3`: 2 with a weight of 3 (ip-nexthop(8)). */
function nexthopTask(words: readonly string[], how: How): Translated {
  const found = readWay(words, nexthopWords, false);
  if ('reason' in found) return found;
  const { group, ...params } = found.params;
  const members = group === undefined ? {} : { group: String(group).split('/').map(memberOf) };
  const family = how.v6 && params.via === undefined && group === undefined ? { family: 'inet6' } : {};
  return one('nexthop', how.absent ? { id: params.id, ...gone(how) } : { ...params, ...members, ...family });
}

function memberOf(text: string) {
  const [id = '', weight] = text.split(',');
  return weight === undefined ? plain(id) : { id: plain(id), weight: plain(weight) };
}

function netnsTask(command: string, [name, ...rest]: readonly string[]): Translated {
  if (asks.has(command)) return onlyAsks;
  const [id = ''] = rest;
  if (command === 'set' && /^\d{1,9}$/.test(id)) return one('netns', { name, id: Number(id) });
  if (name === undefined || rest.length > 0 || !['add', 'delete'].includes(command))
    return { reason: `orch has no task for "ip netns ${command}"` };
  return one('netns', command === 'delete' ? { name, state: 'absent' } : { name });
}
