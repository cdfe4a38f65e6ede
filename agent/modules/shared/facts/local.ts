import { readDataJson } from '../../../../proto/exact-json.ts';
import type { Host } from '../../../linux/host.ts';
import { endOfLinks } from '../files/links.ts';
import { readText } from './read.ts';

type Section = Record<string, string>;

/**
 * Sections of a text of configparser's kind, each with what DEFAULT says; undefined for one that is none. Keys are lower case,
 * and values go on in lines that stand further in.
 */
function iniOf(text: string): Readonly<Record<string, Section>> | undefined {
  const sections: Record<string, Section> = {};
  let section: Section | undefined;
  let open: { readonly key: string; readonly indent: number } | undefined;
  for (const line of text.split('\n')) {
    const said = line.trim();
    const indent = line.length - line.trimStart().length;
    const [, name] = /^\[([^\]]+)\]/.exec(said) ?? [];
    const [, key, value = ''] = /^([^=:\s][^=:]*?)\s*[=:]\s*(.*)$/.exec(said) ?? [];
    if (/^(?:[#;]|$)/.test(said)) continue;
    if (section && open && indent > open.indent) section[open.key] = `${section[open.key]}\n${said}`;
    else if (name !== undefined) {
      section = sections[name] ?? {};
      sections[name] = section;
      open = undefined;
    } else if (section === undefined || key === undefined) return undefined;
    else {
      open = { key: key.toLowerCase(), indent };
      section[open.key] = value;
    }
  }
  const { DEFAULT: shared, ...others } = sections;
  return Object.fromEntries(Object.entries(others).map(([name, own]) => [name, { ...shared, ...own }]));
}

function parsed(text: string, path: string): unknown {
  try {
    return readDataJson(text);
  } catch {
    return iniOf(text) ?? `error loading facts as JSON or ini - please check content: ${path}`;
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
