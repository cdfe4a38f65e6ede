import * as z from 'zod';
import type { Action } from '../linux/action.ts';
import type { Host } from '../linux/host.ts';
import { defineModule, type Step } from './module.ts';
import { presence } from './shared/fields.ts';
import { ended, linesOf } from './shared/files/edit.ts';
import { fileAction } from './shared/files/steps.ts';
import { answerOf, execAction, taskFailed } from './shared/programs.ts';

const supported = '/usr/share/i18n/SUPPORTED';
/** Debian's list has all locales, most as comments; older Ubuntu's those that are made. */
const lists = { debian: '/etc/locale.gen', ubuntu: '/var/lib/locales/supported.d/local' } as const;

interface Current {
  readonly path: string;
  readonly list: Buffer | undefined;
  /** Charsets by locale, of all that can be made. */
  readonly charsets: ReadonlyMap<string, string>;
  /** Names of locales that are not there, and of those that are. */
  readonly missing: readonly string[];
  readonly present: readonly string[];
}

/** The same for all that glibc takes for one locale: en_GB.utf8 and en_GB.UTF-8. */
function folded(name: string): string {
  return name.replace(/\.([^@]*)/, (_, codeset: string) => `.${codeset.toLowerCase().replace(/[^a-z0-9]/g, '')}`);
}

/** "de_DE.UTF-8 UTF-8", a comment or not. */
function parseLine(line: string): { name: string; charset: string } | undefined {
  const [, name, charset] = /^#?\s*([A-Za-z]\S*)\s+([A-Za-z0-9._-]+)\s*$/.exec(line) ?? [];
  return name === undefined || charset === undefined ? undefined : { name, charset };
}

async function readText(host: Host, path: string): Promise<string> {
  return (await host.readFile(path))?.toString('utf8') ?? '';
}

/** The list as it is to be. */
function edited(text: string, names: readonly string[], wanted: boolean, charsets: Current['charsets']): string {
  const found = new Set<string>();
  const lines = linesOf(text).map((line) => {
    const one = parseLine(line);
    if (one === undefined || !names.includes(one.name)) return line;
    found.add(one.name);
    if (wanted !== line.startsWith('#')) return line;
    return `${wanted ? '' : '# '}${one.name} ${one.charset}\n`;
  });
  const added = wanted ? names.filter((name) => !found.has(name) && charsets.has(name)) : [];
  if (added.length === 0) return lines.join('');
  return [...lines.map(ended), ...added.map((name) => `${name} ${charsets.get(name)}\n`)].join('');
}

function generate(path: string): Action {
  const argv = ['locale-gen', ...(path === lists.ubuntu ? ['--purge'] : [])];
  return execAction(argv, { env: { LC_ALL: 'C' } });
}

export const module = defineModule({
  name: 'locale_gen',
  form: 'converge',
  slow: true,
  summary: 'Makes locales, or takes them away.',
  notes: 'As community.general.locale_gen, by locale-gen(8) of Debian and Ubuntu.',
  examples: ['locale_gen:\n  name: [de_DE.UTF-8]', 'locale_gen:\n  name: [en_GB.UTF-8, nl_NL.UTF-8]\n  state: absent'],
  params: z.strictObject({
    name: z
      .array(z.string().regex(/^[A-Za-z][A-Za-z0-9_.@-]*$/, 'is no name of a locale'))
      .min(1)
      .describe('The locales, with their encodings.'),
    state: presence.describe('absent: they are made no longer.'),
  }),
  objects: (_params, { path }: Current) => [`file ${path}`, 'locales'],

  async read({ name }, host): Promise<Current> {
    const path =
      (await host.stat(lists.debian)) === undefined && (await host.stat('/var/lib/locales/supported.d')) !== undefined
        ? lists.ubuntu
        : lists.debian;
    const list = await host.readFile(path);
    if (list === undefined && path === lists.debian) {
      throw taskFailed(
        `/var/lib/locales/supported.d and ${lists.debian} are missing. Is the package "locales" installed?`,
        'An apt task before this one installs it.',
      );
    }
    const known = `${await readText(host, supported)}\n${list?.toString('utf8') ?? ''}`.split('\n');
    const charsets = new Map(known.flatMap((line) => parseLine(line) ?? []).map((one) => [one.name, one.charset]));
    const there = new Set((await answerOf(host, ['locale', '-a'])).split('\n').map(folded));
    const missing = name.filter((one) => !there.has(folded(one)));
    const unknown = missing.filter((one) => !charsets.has(one));
    if (unknown.length > 0) {
      throw taskFailed(
        `The following locales you've entered are not available on your system: ${unknown.join(', ')}`,
        `The host's are in ${supported}.`,
      );
    }
    return { path, list, charsets, missing, present: name.filter((one) => there.has(folded(one))) };
  },

  plan({ name, state }, { path, list, charsets, missing, present }) {
    const wanted = state === 'present';
    const result = { name, state };
    const before = { locales: Object.fromEntries(name.map((one) => [one, present.includes(one)])) };
    if ((wanted ? missing : present).length === 0) return { steps: [], before, after: before, result };
    const old = list?.toString('utf8') ?? '';
    const text = edited(old, name, wanted, charsets);
    const write = (content: string) =>
      fileAction({ do: 'write', path, content: Buffer.from(content).toString('base64') });
    const undo = list === undefined ? fileAction({ do: 'unlink', path }) : write(old);
    const steps: Step[] = [
      ...(text === old
        ? []
        : [{ object: `file ${path}`, part: 'content', action: write(text), undo: [undo, generate(path)] }]),
      { object: 'locales', action: generate(path), undo: [] },
    ];
    const after = { locales: Object.fromEntries(name.map((one) => [one, wanted])) };
    return { steps, before, after, result };
  },
});
