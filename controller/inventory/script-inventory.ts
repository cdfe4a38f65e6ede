import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import { settings } from '../config/settings.ts';
import { describe } from '../playbook/values/describe.ts';
import { withoutMarks } from '../source/json-marks.ts';
import type { Located } from '../source/located.ts';
import { fixedOrigin } from '../source/origins.ts';
import { readJson } from '../template/python/json-reader.ts';
import { toPlain } from '../template/python/plain.ts';
import type { Draft } from './draft.ts';
import { putVar } from './put-var.ts';

/** Seconds that a program may take, and bytes that it may print. */
const mostSeconds = 120;
const mostBytes = 256 * 1024 * 1024;

type Mapping = Readonly<Record<string, unknown>>;

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value of JSON text; undefined when it is none. */
function parsed(text: string): unknown {
  try {
    return toPlain(readJson(text));
  } catch {
    return undefined;
  }
}

/** Data with what is encrypted in it. Throws OrchError at the file for what is damaged. */
function opened(file: string, value: Mapping): Mapping {
  try {
    return withoutMarks(value) as Mapping;
  } catch (error) {
    if (!(error instanceof OrchError)) throw error;
    const { code, summary, hint } = error;
    throw new OrchError({ code, summary, hint, where: { file, line: 1, column: 1 } });
  }
}

/** What a program prints, as JSON; `--host` may print nothing. `said` gets its standard error. Throws OrchError at the file. */
function answer(file: string, args: readonly string[], said: string[] = []): Mapping {
  const wrong = (summary: string, detail?: string): OrchError =>
    new OrchError({
      code: 'inventory-syntax',
      summary: `"${file} ${args.join(' ')}" ${summary}`,
      detail,
      hint: "run it by hand: it must print the groups, or a host's variables, as JSON",
      where: { file, line: 1, column: 1 },
    });
  const { status, stdout, stderr, error } = spawnSync(resolve(file), args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: mostSeconds * 1000,
    killSignal: 'SIGKILL',
    maxBuffer: mostBytes,
    encoding: 'utf8',
  });
  if (error) throw wrong(`could not be run: ${error.message}`);
  const words = stderr.trim() || undefined;
  if (status !== 0) throw wrong(`ended with status ${status}`, words);
  if (words !== undefined && settings().scriptStderr) said.push(`${file}: ${words}`);
  const value = stdout.trim() === '' && args[0] === '--host' ? {} : parsed(stdout);
  if (isMapping(value)) return opened(file, value);
  throw wrong(value === undefined ? 'printed what is no JSON' : `printed ${describe(value)}, not a mapping`, words);
}

/** Reads an inventory that is a program: `--list` prints its groups, `--host NAME` a host's variables unless `_meta` had them. */
export function readScriptInventory(file: string, draft: Draft): void {
  const { _meta: meta, ...groups } = answer(file, ['--list'], draft.warnings);
  const origin = fixedOrigin({ file, line: 1, column: 1 });
  const at = (value: unknown): Located => ({ value, origin, path: [] });
  const located = (vars: unknown): [string, Located][] =>
    isMapping(vars) ? Object.entries(vars).map(([name, value]) => [name, at(value)]) : [];
  for (const [name, said] of Object.entries(groups)) {
    const group = draft.namedGroup(name, at(name));
    if (!group) continue;
    const wrong = wrongIn(name, said);
    if (wrong !== undefined) {
      draft.error(at(name), wrong);
      continue;
    }
    const { hosts, vars, children } = contentOf(name, said);
    for (const host of hosts) draft.addHost(host, group, at(host));
    for (const [key, value] of located(vars)) {
      // As in Ansible, what is no group is a host with its variables.
      if (hosts.length === 1 && hosts[0] === name && !isGroup(said)) putVar(draft.host(name).vars, key, value);
      else draft.setVar(group, key, value);
    }
    for (const child of children) {
      const inner = draft.namedGroup(child, at(child));
      if (inner) draft.addChild(group, inner, at(child));
    }
  }
  const known = isMapping(meta) && isMapping(meta.hostvars) ? meta.hostvars : undefined;
  const names = Object.values(groups).length === 0 ? [] : hostsOf(groups);
  for (const name of new Set(names)) {
    const vars = known === undefined ? answer(file, ['--host', name]) : known[name];
    for (const [key, value] of located(vars)) putVar(draft.host(name).vars, key, value);
  }
}

function isGroup(said: unknown): said is Mapping {
  return isMapping(said) && ['hosts', 'vars', 'children'].some((key) => Object.hasOwn(said, key));
}

interface Content {
  readonly hosts: readonly string[];
  readonly vars: unknown;
  readonly children: readonly string[];
}

const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

const ofGroups: Readonly<Record<string, (value: unknown) => boolean>> = {
  hosts: Array.isArray,
  vars: isMapping,
  children: (value) => Array.isArray(value) || isMapping(value),
};

/** What is no group, whose hosts would be missing without a word. Some languages write nothing as null, or a mapping of nothing as []. */
function wrongIn(name: string, said: unknown): string | undefined {
  if (!isMapping(said)) {
    const isList = Array.isArray(said);
    return isList ? undefined : `group "${name}" must be a mapping or a list of hosts, not ${describe(said)}`;
  }
  const isNothing = (value: unknown) => (value ?? null) === null || (Array.isArray(value) && value.length === 0);
  const [key] = Object.entries(ofGroups).find(([part, fits]) => !isNothing(said[part]) && !fits(said[part])) ?? [];
  return key === undefined ? undefined : `"${key}" of group "${name}" can't be ${describe(said[key])}`;
}

/** A group as programs write it: a mapping, a list of hosts, or a host alone. */
function contentOf(name: string, said: unknown): Content {
  if (isGroup(said))
    return {
      hosts: texts(said.hosts),
      vars: said.vars,
      children: texts(isMapping(said.children) ? Object.keys(said.children) : said.children),
    };
  if (Array.isArray(said)) return { hosts: texts(said), vars: undefined, children: [] };
  return { hosts: [name], vars: said, children: [] };
}

function hostsOf(groups: Mapping): readonly string[] {
  return Object.entries(groups).flatMap(([name, said]) => contentOf(name, said).hosts);
}
