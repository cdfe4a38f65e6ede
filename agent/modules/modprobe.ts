import { posix } from 'node:path';
import * as z from 'zod';
import type { Action } from '../linux/action.ts';
import type { Host } from '../linux/host.ts';
import { defineModule, type Step } from './module.ts';
import { presence } from './shared/fields.ts';
import { ended, linesOf } from './shared/files/edit.ts';
import { keptBytes, keptText } from './shared/files/kept-bytes.ts';
import { endOfLinks } from './shared/files/links.ts';
import { fileAction } from './shared/files/steps.ts';
import { taskFailed } from './shared/programs.ts';

/** The files of a folder, behind links. */
interface Files {
  /** The one of the module. */
  readonly own: string;
  /** There is something else than a file. */
  readonly taken: boolean;
  readonly texts: ReadonlyMap<string, Buffer>;
}

interface Current {
  readonly loaded: boolean;
  /** Files that have the kernel load modules when the host is started, and those that give them parameters. */
  readonly loads: Files;
  readonly options: Files;
}

const fields = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$/, 'is no name of a module')
    .describe('The module of the kernel.'),
  params: z
    .string()
    .regex(/^[^\r\n\0]*$/, 'holds a newline')
    .default('')
    .describe('Parameters that it is loaded with: "numdummies=2".'),
  state: presence.describe('absent: it is unloaded.'),
  persistent: z
    .enum(['disabled', 'present', 'absent'])
    .default('disabled')
    .describe('Keep it in /etc/modules-load.d, and its parameters in /etc/modprobe.d, or take it out there.'),
});
type Params = z.infer<typeof fields>;

function exec(...argv: string[]): Action {
  return { op: 'exec', command: { argv } };
}

const folders = { loads: '/etc/modules-load.d', options: '/etc/modprobe.d' } as const;

async function readFiles(host: Host, folder: string, module: string): Promise<Files> {
  let [own, taken] = [`${folder}/${module}.conf`, false];
  const texts = new Map<string, Buffer>();
  for (const name of (await host.readDir(folder)) ?? []) {
    if (!name.endsWith('.conf')) continue;
    const path = posix.normalize((await endOfLinks(host, `${folder}/${name}`)) ?? `${folder}/${name}`);
    const kind = (await host.stat(path))?.kind;
    const content = kind === 'file' ? await host.readFile(path) : undefined;
    if (content !== undefined) texts.set(path, content);
    if (name === `${module}.conf`) [own, taken] = [path, kind !== undefined && kind !== 'file'];
  }
  return { own, taken, texts };
}

/** Whether the kernel has it without loading it; /sys/module tells only of those with parameters. */
async function isBuiltIn(host: Host, name: string): Promise<boolean> {
  const list = await host.readFile(`/lib/modules/${(await host.sysctl('kernel/osrelease'))?.trim()}/modules.builtin`);
  return linesOf(folded(list?.toString('utf8') ?? '')).some((line) => line.endsWith(`/${folded(name)}.ko\n`));
}

/** The kernel takes both for one. */
function folded(name: string): string {
  return name.replaceAll('-', '_');
}

const wordsOf = (text: string) => text.split(/\s+/).filter((word) => word !== '');

/** The step that gives a file its text, or takes it away; none where that is so. */
function fileSteps(path: string, present: Buffer | undefined, wanted: string | undefined): Step[] {
  if (wanted === (present && keptText(present))) return [];
  const set = (text: Buffer | undefined) =>
    fileAction(text === undefined ? { do: 'unlink', path } : { do: 'write', path, content: text.toString('base64') });
  const action = set(wanted === undefined ? undefined : keptBytes(wanted));
  return [{ object: `file ${path}`, action, undo: [set(present)], ...(wanted === undefined ? { removes: true } : {}) }];
}

/** What a line says of a module: none of them for another line. */
type Says = (line: string) => readonly string[] | undefined;

/** Lines with those that they go on in. */
const rowsOf = (text: string) => (text === '' ? [] : text.split(/(?<=(?<!\\)\n)/));

const ownWords = (line: string) => wordsOf(line.replaceAll('\\\n', ' ').replace(/(?<=^|\s)[#;].*/s, ''));

function loadOf(name: string): Says {
  return (line) => {
    const words = ownWords(line);
    return words.length === 1 && folded(words[0] ?? '') === folded(name) ? [''] : undefined;
  };
}

function optionsOf(name: string): Says {
  return (line) => {
    const [first, which = '', ...words] = ownWords(line);
    return first === 'options' && folded(which) === folded(name) ? words : undefined;
  };
}

function saidIn(text: Buffer, says: Says): readonly string[] {
  return rowsOf(keptText(text)).flatMap((line) => says(line) ?? []);
}

function said(files: Files, says: Says): ReadonlySet<string> {
  return new Set([...files.texts.values()].flatMap((text) => saidIn(text, says)));
}

/** The files that say something of it; all others are no business of the task. */
function objectsOf({ own, texts }: Files, says: Says): readonly string[] {
  const saying = [...texts].filter(([path, text]) => path !== own && saidIn(text, says).length > 0);
  return [own, ...saying.map(([path]) => path)].map((path) => `file ${path}`);
}

/** Steps that bring the lines that are wanted into a file of their own; those that say anything else stay. */
function lineSteps(files: Files, says: Says, wanted: readonly string[]): Step[] {
  const words = new Set(wanted.flatMap((line) => says(line) ?? []));
  const found = said(files, says);
  if (found.size === words.size && [...found].every((word) => words.has(word))) return [];
  const { own, taken, texts } = files;
  if (taken && wanted.length > 0) throw taskFailed(`${own} is no file`, 'Something else stands where it is to go.');
  return [...new Set([...texts.keys(), own])].flatMap((path) => {
    const old = texts.get(path);
    const lines = rowsOf(old === undefined ? '' : keptText(old));
    const kept = lines.filter((line) => says(line) === undefined);
    const added = path === own ? wanted : [];
    // One that is empty may be there in place of the distribution's.
    if (added.length === 0 && kept.length === lines.length) return [];
    const text = added.length > 0 ? [...kept.map(ended), ...added].join('') : kept.join('');
    return fileSteps(path, old, text === '' ? undefined : text);
  });
}

function persistentSteps({ name, params, persistent }: Params, { loads, options }: Current): Step[] {
  if (persistent === 'disabled') return [];
  const kept = persistent === 'present';
  const given = kept ? wordsOf(params).map((word) => `options ${name} ${word}\n`) : [];
  return [...lineSteps(loads, loadOf(name), kept ? [`${name}\n`] : []), ...lineSteps(options, optionsOf(name), given)];
}

export const module = defineModule({
  name: 'modprobe',
  form: 'converge',
  summary: 'Loads a module of the kernel, or unloads it.',
  notes:
    'As community.general.modprobe. What is loaded already keeps its parameters. In files it is its own lines that go, and a file that has no others.',
  examples: [
    'modprobe:\n  name: br_netfilter\n  persistent: present',
    'modprobe:\n  name: dummy\n  params: numdummies=0',
  ],
  params: fields,
  objects: ({ name }, { loads, options }: Current) => [
    `module ${name}`,
    ...objectsOf(loads, loadOf(name)),
    ...objectsOf(options, optionsOf(name)),
  ],

  async read({ name, persistent }, host): Promise<Current> {
    const state = await host.stat(`/sys/module/${folded(name)}`);
    const none = (folder: string) => ({ own: `${folder}/${name}.conf`, taken: false, texts: new Map() });
    const files = (folder: string) => (persistent === 'disabled' ? none(folder) : readFiles(host, folder, name));
    const [loads, options] = [await files(folders.loads), await files(folders.options)];
    return { loaded: state !== undefined || (await isBuiltIn(host, name)), loads, options };
  },

  plan(params, current) {
    const { name, state, persistent } = params;
    const [load, unload] = [exec('modprobe', name, ...wordsOf(params.params)), exec('modprobe', '-r', name)];
    const wanted = state === 'present';
    const object = `module ${name}`;
    const change: Step = wanted
      ? // Of another name, or where modprobe.d says so, nothing of this name is loaded.
        { object, action: load, undo: [unload], needs: `the kernel module ${name}`, mayStay: true }
      : { object, action: unload, undo: [exec('modprobe', name)], removes: true };
    const steps = [...(current.loaded === wanted ? [] : [change]), ...persistentSteps(params, current)];
    const view = (loaded: boolean, kept: boolean) => ({
      module: name,
      loaded,
      ...(persistent === 'disabled' ? {} : { kept }),
    });
    const before = view(current.loaded, said(current.loads, loadOf(name)).size > 0);
    const after = view(wanted, persistent === 'present');
    const result = { name, params: params.params, state };
    return { steps, before, after: steps.length === 0 ? before : after, result };
  },
});
