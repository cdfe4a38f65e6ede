import { makesClasses } from './tree.ts';

/** One qdisc or class as tc shows it, without what changes by itself. */
export interface Entry {
  /** Kind, number and parent: what cannot be changed in place. */
  readonly key: string;
  readonly text: string;
}

/** Queueing of one device as tc shows it. */
export interface Form {
  readonly qdiscs: readonly Entry[];
  readonly classes: readonly Entry[];
  readonly filters: readonly string[];
  /** The qdisc that filters of both ways hang at: clsact, or ingress, which has one way only. */
  readonly hook: string | undefined;
  readonly ingress: readonly string[];
  readonly egress: readonly string[];
}

/** What tc printed: `tc -d qdisc show`, and so on. */
export interface Shown {
  readonly qdiscs: string;
  readonly classes: string;
  readonly filters: string;
  readonly ingress: string;
  readonly egress: string;
}

/** Options whose default depends on the device; they count where the task names them. */
const ofDevice = ['quantum', 'initial_quantum', 'limit', 'direct_qlen', 'seed'];

const head = /^(qdisc|class) (\S+) (\S+) (root|parent \S+)/;

/** `named`: the options that the task names for a handle; undefined: all count. */
function entries(text: string, named: ((handle: string) => readonly string[]) | undefined): Entry[] {
  return text.split('\n').flatMap((line) => {
    const match = head.exec(line);
    if (match === null) return [];
    const words = named?.(match[3] ?? '');
    const dropped = words === undefined ? ['seed'] : ofDevice.filter((option) => !words.includes(option));
    const kept = line
      .replace(/ (refcnt|direct_packets_stat) \d+/g, '')
      .replace(new RegExp(` (${dropped.join('|')}) \\S+`, 'g'), '')
      .replace(/ +/g, ' ')
      .trim();
    return [{ key: match[0], text: kept }];
  });
}

/** Each filter with its matches and actions; heads of lists, numbers that the kernel gives, and offload marks left out. */
function filters(text: string): string[] {
  return text.split(/^(?=filter )/m).flatMap((block) => {
    const [first = ''] = block.split('\n');
    if (first === '' || / chain \d+ *$/.test(first) || / ht divisor \d+/.test(first)) return [];
    const fw = / fw chain /.test(first);
    return block
      .replace(/^filter( parent \S+| ingress| egress)?/, 'filter')
      .replace(/ fh \S+| order \d+| key ht \S+ bkt \S+| terminal flowid( \?\?\?)?/g, '')
      .replace(fw ? /$^/ : /(?<=^filter.*) handle 0x[0-9a-f]+/, '')
      .replace(/police 0x[0-9a-f]+ /g, 'police ')
      .split('\n')
      .map((line) => line.replace(/\b(not_in_hw|in_hw\w*)\b|\bindex \d+|\bref \d+ bind \d+/g, '').trimEnd())
      .filter((line) => line.trim() !== '')
      .join('\n');
  });
}

/** What tc shows of a device, in a form that is the same for the same queueing. */
export function formOf(shown: Shown, named?: (handle: string) => readonly string[]): Form {
  const qdiscs = entries(shown.qdiscs, named);
  const atHook = (entry: Entry) => entry.key.endsWith('parent ffff:fff1');
  return {
    qdiscs: qdiscs.filter((entry) => !atHook(entry)),
    classes: entries(shown.classes, undefined)
      .filter((entry) => makesClasses(entry.key.split(' ')[1] ?? ''))
      .sort((a, b) => (a.key < b.key ? -1 : 1)),
    filters: filters(shown.filters),
    hook: qdiscs.find(atHook)?.key.split(' ')[1],
    ingress: filters(shown.ingress),
    egress: filters(shown.egress),
  };
}

/** The kernel's own choice, which has no number (mq with all that hangs there too). */
export function isDefault(form: Form): boolean {
  return form.qdiscs.every((entry) => / 0: /.test(entry.key));
}
