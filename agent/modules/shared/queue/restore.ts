import { OrchError } from '../../../../proto/errors.ts';
import type { Entry, Form } from './form.ts';
import type { Filter } from './params.ts';
import { type Hooks, hookCommands } from './plan.ts';
import { builtForm, type Device, type Trial } from './read.ts';
import { type Command, type Tree, treeCommands } from './tree.ts';

type Shown = readonly string[];

/** Options as tc reads them, of how it prints them: for some it has other words. */
function asRead(options: string): string {
  return (
    options
      .replace(/\b(\d+)p\b/g, '$1')
      .replace(/\b(\d+)sec\b/g, '$1')
      .replace(/(\d[KMG]?b)\/\d+/g, '$1 ')
      .replace(/ (leaf|level|ver) \S+/g, '')
      .replace(/ (mpu 0b|linklayer ethernet)/g, '')
      // An sfq has by itself more flows than it can be given beside its limit.
      .replace(/limit 127 (quantum \S+ depth \d+) flows 128\b/, '$1')
      .replace(/\blat /g, 'latency ')
      .trim()
  );
}

function parsed({ key, text }: Entry) {
  const [, kind = '', id = '', , parent] = key.split(' ');
  return { kind, id, parent, options: asRead(text.slice(key.length)) };
}

/** What hangs at the root; undefined where the kernel made the root by itself, or a filter is not understood. */
function treeOf({ qdiscs, classes, filters }: Form): Tree | undefined {
  const numbered = qdiscs.map(parsed).filter(({ id }) => id !== '0:');
  const root = numbered.find(({ parent }) => parent === undefined);
  const all = filters.map(filterOf);
  if (root === undefined || !all.every((filter) => filter !== undefined)) return undefined;
  return {
    root: { kind: root.kind, handle: root.id, options: root.options },
    qdiscs: numbered.flatMap(({ kind, id, parent, options }) =>
      parent === undefined ? [] : [{ parent, handle: id, kind, options }],
    ),
    // The class that comes with an hfsc has its number.
    classes: classes
      .map(parsed)
      .filter(({ id }) => !id.endsWith(':'))
      .map(({ id, parent, options }) => ({ classid: id, parent, options })),
    filters: all,
  };
}

function hooksOf({ ingress, egress }: Form): Hooks | undefined {
  const [inwards, outwards] = [ingress.map(filterOf), egress.map(filterOf)];
  const known = (filter: Filter | undefined) => filter !== undefined;
  return inwards.every(known) && outwards.every(known) ? { ingress: inwards, egress: outwards } : undefined;
}

const filterHead = /^filter protocol (\S+) pref (\d+) (\w+) chain 0 ?(?:handle 0x([0-9a-f]+) ?)?\*?(.*)$/;

function filterOf(shown: string): Filter | undefined {
  const [head = '', ...lines] = shown.split('\n').map((line) => line.trim());
  const [, protocol, prio, kind = '', mark, target = ''] = filterHead.exec(head) ?? [];
  if (protocol === undefined) return undefined;
  const at = lines.findIndex((line) => line.startsWith('action: '));
  const [matches, actions] = at < 0 ? [lines, []] : [lines.slice(0, at), lines.slice(at)];
  return {
    ...{ protocol, prio: Number(prio), kind },
    ...(mark === undefined ? {} : { mark: Number.parseInt(mark, 16) }),
    options: [matchWords(kind, matches), target, ...actions.map(actionWords)].filter((words) => words !== '').join(' '),
  };
}

/** Matches of a filter: a line each. */
function matchWords(kind: string, lines: Shown): string {
  switch (kind) {
    case 'u32':
      return lines.join(' ').replace(/match ([0-9a-f]{8})\/([0-9a-f]{8}) at/g, 'match u32 0x$1 0x$2 at');
    case 'basic':
      return lines.length === 0 ? '' : `match '${lines.join(' ')}'`;
    case 'flower':
      // The type of frames is the filter's protocol.
      return lines.filter((line) => !line.startsWith('eth_type ')).join(' ');
    default:
      return lines.join(' ');
  }
}

/** A line of an action; those after its first one hold what follows from that. */
function actionWords(line: string): string {
  const [, action] = /^action: +(.*)$/.exec(line) ?? [];
  return action === undefined
    ? ''
    : `action ${action}`
        .replace(/^action gact action /, 'action ')
        .replace(/^(action police .*) action (\S+) overhead 0b linklayer ethernet$/, '$1 conform-exceed $2')
        .replace(/ \((\w+) (\w+) to device (\S+)\) \w+$/, (_all, way: string, what: string, dev: string) =>
          [' ', way.toLowerCase(), ' ', what.toLowerCase(), ' dev ', dev].join(''),
        );
}

const sorted = (entries: readonly Entry[]) => entries.map(({ text }) => text).sort();
const treeParts = ({ qdiscs, classes, filters }: Form) => JSON.stringify([sorted(qdiscs), sorted(classes), filters]);
const hookParts = ({ hook, ingress, egress }: Form) => JSON.stringify([hook, ingress, egress]);

/** Commands that bring back what is at the root, tried out in a scratch namespace first; undefined when they are not known. */
export async function restoringCommands(
  host: Trial,
  device: Device,
  form: Form,
): Promise<readonly Command[] | undefined> {
  const tree = treeOf(form);
  return tree && tried(host, device, treeCommands(tree, device.dev), (again) => treeParts(again) === treeParts(form));
}

/** The same for the filters of both ways. */
export async function restoringHooks(host: Trial, device: Device, form: Form): Promise<readonly Command[] | undefined> {
  const hooks = hooksOf(form);
  if (hooks === undefined) return undefined;
  const [, ...filters] = hookCommands(hooks, device.dev);
  const hook = form.hook === 'ingress' ? 'ingress' : 'clsact';
  const commands = [['qdisc', 'add', 'dev', device.dev, hook], ...filters];
  // Alone it has nothing that could be shown otherwise.
  if (filters.length === 0) return commands;
  return tried(host, device, commands, (again) => hookParts(again) === hookParts(form));
}

/** The commands, when they make what is wanted. */
async function tried(host: Trial, device: Device, commands: readonly Command[], proven: (form: Form) => boolean) {
  try {
    return proven(await builtForm(host, device, commands, undefined, proven)) ? commands : undefined;
  } catch (error) {
    if (error instanceof OrchError) return undefined;
    throw error;
  }
}
