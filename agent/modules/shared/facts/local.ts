import { readDataJson } from '../../../../proto/exact-json.ts';
import type { Host } from '../../../linux/host.ts';
import { endOfLinks } from '../files/links.ts';
import { readText } from './read.ts';

/** Sections of a text of configparser's kind; undefined for one that is none. Keys are lower case. */
function iniOf(text: string): Readonly<Record<string, Readonly<Record<string, string>>>> | undefined {
  const sections: Record<string, Record<string, string>> = {};
  let section: Record<string, string> | undefined;
  for (const line of text.split('\n')) {
    const [, name] = /^\[([^\]]+)\]\s*$/.exec(line) ?? [];
    const [, key, value = ''] = /^([^=:\s][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (/^\s*(?:[#;]|$)/.test(line)) continue;
    if (name !== undefined) {
      section = sections[name] ?? {};
      sections[name] = section;
    } else if (section === undefined || key === undefined) return undefined;
    else section[key.toLowerCase()] = value;
  }
  return sections;
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
  if ((state.mode & 0o111) === 0) return parsed(await readText(host, end), path);
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
