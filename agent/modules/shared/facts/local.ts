import { readDataJson } from '../../../../proto/exact-json.ts';
import type { Host } from '../../../linux/host.ts';
import { endOfLinks } from '../files/links.ts';
import { readText } from './read.ts';

/** Values by their keys, which are lower case. */
type Section = Map<string, string>;

/** Sections of a text of configparser's kind; undefined for one that is none. Values go on in lines that stand further in. */
function sectionsOf(text: string): Map<string, Section> | undefined {
  const sections = new Map<string, Section>();
  let section: Section | undefined;
  let open: { readonly key: string; readonly indent: number } | undefined;
  for (const line of text.split('\n')) {
    const said = line.trim();
    if (/^[#;]/.test(said)) continue;
    const indent = said === '' ? Number.POSITIVE_INFINITY : line.length - line.trimStart().length;
    const [, name] = /^\[(.+)\]/.exec(said) ?? [];
    const [, key, value = ''] = /^([^=:]+)[=:](.*)$/.exec(said)?.map((part) => part.trim()) ?? [];
    if (section && open && indent > open.indent) section.set(open.key, `${section.get(open.key)}\n${said}`);
    else if (said === '') continue;
    else if (name !== undefined) {
      if (name !== 'DEFAULT' && sections.has(name)) return undefined;
      section = sections.get(name) ?? new Map();
      sections.set(name, section);
      open = undefined;
    } else if (section === undefined || key === undefined || section.has(key.toLowerCase())) return undefined;
    else {
      open = { key: key.toLowerCase(), indent };
      section.set(open.key, value);
    }
  }
  return sections;
}

/** How deep values may stand in values, and how many characters of them in a file's. */
const deepest = 10;
const longest = 1_000_000;

/** A value with `%(key)s` and `%%` put in; undefined where another % stands in it, or a key that is not there. */
function woven(value: string, section: Section, room: { left: number }, depth = 1): string | undefined {
  if (depth > 1) room.left -= value.length + 1;
  if (depth > deepest || room.left < 0) return undefined;
  let whole = true;
  const text = value.replace(/%(?:%|\(([^)]+)\)s)?/g, (token, key?: string) => {
    if (token === '%%') return '%';
    const other = key === undefined ? undefined : section.get(key.toLowerCase());
    const put = other === undefined ? undefined : woven(other.trimEnd(), section, room, depth + 1);
    whole &&= put !== undefined;
    return put ?? '';
  });
  return whole ? text : undefined;
}

/** What a text of that kind holds, each section with what DEFAULT says; else why it is none. */
function iniFacts(text: string, path: string): unknown {
  const sections = sectionsOf(text);
  if (sections === undefined) return `error loading facts as JSON or ini - please check content: ${path}`;
  const shared = sections.get('DEFAULT') ?? [];
  sections.delete('DEFAULT');
  const room = { left: longest };
  const facts = [...sections].map(([name, own]) => {
    const all = new Map([...shared, ...own]);
    return [name, [...all].map(([key, value]) => [key, woven(value.trimEnd(), all, room)] as const)] as const;
  });
  if (facts.some(([, values]) => values.some(([, value]) => value === undefined)))
    return `error loading facts as ini - please check content: ${path}`;
  return Object.fromEntries(facts.map(([name, values]) => [name, Object.fromEntries(values)]));
}

function parsed(text: string, path: string): unknown {
  try {
    return readDataJson(text);
  } catch {
    return iniFacts(text, path);
  }
}

/** The deadline of a program that tells facts. */
const timeoutMs = 30_000;

async function factOf(host: Host, path: string): Promise<unknown> {
  const end = await endOfLinks(host, path);
  const state = end === undefined ? undefined : await host.stat(end);
  if (end === undefined || state === undefined) return `Could not stat fact (${path}): it is a link that leads nowhere`;
  if ((state.mode & 0o100) === 0) return parsed(await readText(host, end), path);
  try {
    const { status, stdout, stderr } = await host.exec({ argv: [path], runAs: host.runAs }, { timeoutMs });
    if (status === 0) return parsed(stdout, path);
    return `Failure executing fact script (${path}), rc: ${status}, err: ${stderr}`;
  } catch (error) {
    return `Could not execute fact script (${path}): ${error instanceof Error ? error.message : ''}`;
  }
}

/** ansible_local: what files NAME.fact of the folder hold, as JSON or INI, or print where they are programs. */
export async function localFacts(host: Host, folder: string): Promise<Readonly<Record<string, unknown>>> {
  const names = ((await host.readDir(folder)) ?? []).filter((name) => name.endsWith('.fact')).sort();
  const facts = names.map(async (name) => [name.slice(0, -5), await factOf(host, `${folder}/${name}`)] as const);
  return Object.fromEntries(await Promise.all(facts));
}
