import { one, onlyAsks, plain, type Translated } from './translated.ts';
import { within } from './within-netns.ts';

/** Disciplines that need no classes: one line is the whole tree. */
const whole = new Set([
  ...['tbf', 'fq', 'fq_codel', 'codel', 'sfq', 'cake', 'pie', 'fq_pie', 'pfifo', 'bfifo', 'pfifo_fast', 'red'],
  'noqueue',
]);
const inOneTask = { reason: 'the module qdisc has the whole tree of a link in one task: look at `orch doc qdisc`' };

/** Words of netem (tc-netem(8)), as the module's parameters; each may be followed by the next ones. */
const netemWords: Readonly<Record<string, readonly string[]>> = {
  delay: ['delay', 'jitter', 'delay_correlation'],
  latency: ['delay', 'jitter', 'delay_correlation'],
  loss: ['loss', 'loss_correlation'],
  drop: ['loss', 'loss_correlation'],
  duplicate: ['duplicate', 'duplicate_correlation'],
  corrupt: ['corrupt', 'corrupt_correlation'],
  reorder: ['reorder', 'reorder_correlation'],
  distribution: ['distribution'],
  gap: ['gap'],
  rate: ['rate'],
  limit: ['limit'],
};

/** `tc qdisc add|replace|change|del dev DEV root [handle H] KIND ...` (tc(8)). */
export function tcTask(argv: readonly string[]): Translated {
  const [option = '', netns, ...inside] = argv;
  if (/^-n(?:etns)?$/.test(option)) return within(tcTask(inside), netns);
  const [object = '', command = 'show', ...rest] = argv;
  if (['show', 'list', 'ls', 'get'].includes(command)) return onlyAsks;
  if (object !== 'qdisc') return ['class', 'filter', 'chain', 'action'].includes(object) ? inOneTask : unknown(object);
  const { dev, handle = '', parent, isRoot, behind } = placeOf(rest);
  if (dev === undefined || parent !== undefined || !isRoot) return inOneTask;
  if (command === 'del' || command === 'delete') return one('impair', { dev, state: 'absent' });
  const [kind = '', ...options] = behind;
  if (kind === 'netem') return netemTask(dev, options);
  if (!whole.has(kind)) return inOneTask;
  const numbered = handle === '' ? {} : { handle: handle.includes(':') ? handle : `${handle}:` };
  const root = { kind, ...numbered, ...(options.length > 0 && { options: options.join(' ') }) };
  return one('qdisc', { dev, root });
}

/** Where a discipline hangs: the words before its kind. */
function placeOf(words: readonly string[]) {
  const place: { dev?: string; handle?: string; parent?: string } = {};
  let isRoot = false;
  let at = 0;
  for (; at < words.length; at++) {
    const [word, value] = words.slice(at, at + 2);
    if (word === 'root') {
      isRoot = true;
    } else if ((word === 'dev' || word === 'handle' || word === 'parent') && value !== undefined) {
      place[word] = value;
      at++;
    } else {
      break;
    }
  }
  return { ...place, isRoot, behind: words.slice(at) };
}

function netemTask(dev: string, words: readonly string[]): Translated {
  const params: Record<string, unknown> = {};
  let names: readonly string[] = [];
  for (const word of words) {
    const [name, ...next] = names;
    if (Object.hasOwn(netemWords, word)) {
      names = netemWords[word] ?? [];
    } else if (name === undefined) {
      return { reason: `orch has no task for "${word}" here` };
    } else if (!(name === 'loss' && word === 'random')) {
      params[name] = plain(word.replace(/^(\d+(?:\.\d+)?)%$/, '$1'));
      names = next;
    }
  }
  return one('impair', { dev, ...params });
}

function unknown(object: string): Translated {
  return { reason: `orch has no task for "tc ${object}"` };
}
