import {
  addressWords,
  booleans,
  kindWords,
  linkWords,
  type Meaning,
  neighbourWords,
  parents,
  routeTypes,
  routeWords,
  ruleWords,
  switches,
} from './ip-words.ts';
import { plain, type Translated } from './translated.ts';

/** In the order in which ip tries them: it takes the first that begins with the word (ip.c). */
const objects = ['address', 'route', 'rule', 'neighbor', 'neighbour', 'link', 'netns'] as const;
const asks = new Set(['show', 'list', 'lst', 'ls', 'get', 'monitor', 'save', 'help', 'identify', 'pids', 'list-id']);
const makes = new Set(['add', 'replace', 'change', 'chg', 'append', 'set']);
const takes = new Set(['del', 'delete', 'remove']);

type Params = Readonly<Record<string, unknown>>;
type Read = { readonly params: Params; readonly first: string | undefined } | { readonly reason: string };

/** Words in the place of parameters; one word may stand alone, as what the command is about. */
function read(words: readonly string[], meanings: Readonly<Record<string, Meaning>>): Read {
  const params: Record<string, unknown> = {};
  let first: string | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const meaning = Object.hasOwn(meanings, word) ? meanings[word] : undefined;
    if (meaning === undefined) {
      if (first !== undefined) return { reason: `orch has no task for "${word}" here` };
      first = word;
    } else if (typeof meaning === 'string') {
      const value = words[++at];
      if (value === undefined) return { reason: `"${word}" has no value` };
      params[meaning] = booleans.has(meaning) && /^[01]$/.test(value) ? value === '1' : plain(value);
    } else {
      Object.assign(params, meaning);
    }
  }
  return { params, first };
}

/** What `ip ARGUMENTS` asks for, as tasks. `around`: the namespace that it is run in. */
export function ipTask(argv: readonly string[], around: string | undefined): Translated {
  let netns = around;
  let v6 = false;
  let at = 0;
  for (; argv[at]?.startsWith('-'); at++) {
    const option = argv[at] ?? '';
    if (/^-n(?:etns)?$/.test(option)) netns = argv[++at];
    else if (option === '-6') v6 = true;
    else if (option !== '-4') return { reason: `orch has no task for ip's option ${option}` };
  }
  const [word = '', command = 'show', ...rest] = argv.slice(at);
  const object = word === '' ? undefined : objects.find((one) => one.startsWith(word));
  if (object === undefined) return { reason: `orch has no task for "ip ${word}"` };
  if (object === 'netns') return netnsTask(command, rest);
  if (asks.has(command)) return { reason: 'it only asks' };
  const absent = takes.has(command);
  if (!absent && !makes.has(command)) return { reason: `orch has no task for "ip ${word} ${command}"` };
  const tasks = of[object](rest, { absent, isNew: command === 'add', v6 });
  if ('reason' in tasks) return tasks;
  if (netns === undefined) return tasks;
  // A link that is moved comes from the namespace that the command is run in.
  const within = (params: Params) => (params.netns === undefined ? { netns } : { from_netns: netns });
  return { tasks: tasks.tasks.map(({ module, params }) => ({ module, params: { ...params, ...within(params) } })) };
}

interface How {
  readonly absent: boolean;
  /** A link is made, and not only set. */
  readonly isNew: boolean;
  readonly v6: boolean;
}

const gone = ({ absent }: How) => (absent ? { state: 'absent' } : {});

const of: Readonly<
  Record<Exclude<(typeof objects)[number], 'netns'>, (words: readonly string[], how: How) => Translated>
> = {
  address: addressTask,
  route: routeTask,
  rule: ruleTask,
  neighbor: neighbourTask,
  neighbour: neighbourTask,
  link: (words, how) => (how.isNew ? newLink(words) : setLink(words, how)),
};

function one(module: string, params: Params): Translated {
  return { tasks: [{ module, params }] };
}

function addressTask(words: readonly string[], how: How): Translated {
  const found = read(words, addressWords);
  if ('reason' in found) return found;
  const { broadcast, ...params } = found.params;
  // "+" is what the kernel does by itself.
  const own = broadcast === undefined || broadcast === '+' ? {} : { broadcast };
  return one('address', { address: found.first, ...params, ...own, ...gone(how) });
}

function routeTask(words: readonly string[], how: How): Translated {
  const [type, ...behind] = words;
  const typed = type !== undefined && routeTypes.has(type);
  const found = read(
    (typed ? behind : words).filter((word) => word !== 'inet' && word !== 'inet6'),
    routeWords,
  );
  if ('reason' in found) return found;
  const dst = found.first ?? found.params.dst;
  const whole = dst === 'default' && how.v6 && found.params.via === undefined ? '::/0' : dst;
  return one('route', { dst: whole, ...(typed ? { type } : {}), ...found.params, ...gone(how) });
}

function ruleTask(words: readonly string[], how: How): Translated {
  const found = read(words, ruleWords);
  if ('reason' in found) return found;
  if (found.first !== undefined) return { reason: `orch has no task for "${found.first}" here` };
  const { from, ...params } = found.params;
  const only = from === undefined || from === 'all' ? {} : { from };
  return one('rule', { ...only, ...params, ...(how.v6 ? { family: 'inet6' } : {}), ...gone(how) });
}

function neighbourTask(words: readonly string[], how: How): Translated {
  const [first, proxied, ...rest] = words;
  const proxy = first === 'proxy';
  const found = read(proxy ? [proxied ?? '', ...rest] : words, neighbourWords);
  if ('reason' in found) return found;
  return one('neighbour', { dst: found.first, ...found.params, ...(proxy ? { proxy: true } : {}), ...gone(how) });
}

/** `ip link add [link DEV] [name] NAME [...] type KIND [...]`. */
function newLink(words: readonly string[]): Translated {
  const type = words.indexOf('type');
  if (type < 0) return { reason: 'it does not say what kind of link it makes' };
  const [kind = '', ...options] = words.slice(type + 1);
  if (!Object.hasOwn(kindWords, kind)) return { reason: `orch has no task for links of type ${kind}` };
  const common = read(words.slice(0, type), {
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
  const own = kind === 'veth' ? peerOf(options) : read(options, kindWords[kind] ?? {});
  if ('reason' in own) return own;
  if (own.first !== undefined) return { reason: `orch has no task for "${own.first}" here` };
  const { key, ...rest } = own.params;
  const keys = key === undefined ? {} : { ikey: key, okey: key };
  return one(kind, { name, ...carried, ...rest, ...keys, ...params });
}

/** `peer [name] NAME [netns NETNS]`. */
function peerOf(words: readonly string[]): Read {
  if (words.length === 0) return { params: {}, first: undefined };
  if (words[0] !== 'peer') return { reason: `orch has no task for "${words[0]}" here` };
  const found = read(words.slice(1), { name: 'peer', netns: 'peer_netns' });
  if ('reason' in found) return found;
  return { params: { ...(found.first === undefined ? {} : { peer: found.first }), ...found.params }, first: undefined };
}

/** `ip link set [dev] DEV ...`, `ip link del DEV`. */
function setLink(words: readonly string[], how: How): Translated {
  const kind = words.indexOf('type');
  if (kind >= 0 && !how.absent) return { reason: 'the module of the kind sets what is its own: look at `orch doc`' };
  const flags: Record<string, unknown> = {};
  const others: string[] = [];
  const until = kind < 0 ? words : words.slice(0, kind);
  for (let at = 0; at < until.length; at++) {
    const word = until[at] ?? '';
    if (!switches.has(word)) others.push(word);
    else flags[word] = until[++at] === 'on';
  }
  const found = read(others, { ...linkWords, dev: 'dev', name: 'name', netns: 'netns' });
  if ('reason' in found) return found;
  const { dev = found.first, name, netns, ...params } = found.params;
  if (how.absent) return one('link', { name: dev, state: 'absent' });
  if (typeof netns === 'number') return { reason: 'it moves the link to the namespace of a process' };
  const moved = netns === undefined ? {} : { netns };
  const before = name === undefined && netns === undefined ? {} : { from_name: dev };
  return one('link', { name: name ?? dev, ...before, ...moved, ...flags, ...params });
}

function netnsTask(command: string, [name, ...rest]: readonly string[]): Translated {
  if (asks.has(command)) return { reason: 'it only asks' };
  if (name === undefined || rest.length > 0 || (command !== 'add' && !takes.has(command)))
    return { reason: `orch has no task for "ip netns ${command}"` };
  return one('netns', takes.has(command) ? { name, state: 'absent' } : { name });
}
