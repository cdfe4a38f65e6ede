import { basename, dirname, extname, isAbsolute, join, normalize } from 'node:path';
import { OrchError } from '../../../proto/errors.ts';
import { byPlace, loadYaml } from '../../source/load-yaml.ts';
import type { Located } from '../../source/located.ts';
import { items, placeOf } from '../../source/origins.ts';
import { canonicalName } from '../catalog/catalog.ts';
import { collectionPlaybooks, collectionsFor } from '../catalog/collections.ts';
import { keywords } from '../keywords/keywords.ts';
import { noKeywords } from '../keywords/no-keywords.ts';
import type { Entry, LoadedRole, Play, Playbook, Standing } from '../types.ts';
import { describe } from '../values/describe.ts';
import { isTemplate } from '../values/template-check.ts';
import { Context, type ParseDeps } from './context.ts';
import { Fields, isMappingAt, type Mapping } from './fields.ts';
import { parseTaskText } from './parse-entries.ts';
import { isCycle } from './parse-include.ts';
import { type ParsedPlay, parsePlay } from './parse-play.ts';
import { loadRole, withImported } from './parse-role.ts';
import type { RoleRequest } from './role-request.ts';

export interface ParsedPlaybook {
  /** Whole only when there are no errors. */
  readonly playbook: Playbook;
  /** Of all files, in the order of their places. */
  readonly errors: readonly OrchError[];
}

export interface ParsedTasks {
  readonly entries: readonly Entry[];
  /** Roles that imports among them bring. */
  readonly roles: readonly LoadedRole[];
  readonly errors: readonly OrchError[];
}

export interface ParsedRole {
  readonly role: LoadedRole | undefined;
  readonly errors: readonly OrchError[];
}

function sorted(errors: readonly OrchError[]): OrchError[] {
  return [...errors].sort(byPlace);
}

/** Reads a playbook and every file that it names without a template. Pure but for deps.readFile. */
export function parsePlaybook(file: string, deps: ParseDeps): ParsedPlaybook {
  const path = normalize(file);
  deps.meetPlugins?.(dirname(path));
  const context = new Context(deps, [path]).with(collectionsFor(path));
  const plays = readText(path, context, (text) => parsePlays(text, context)) ?? [];
  const named = plays.flatMap(({ lab }) => lab ?? []);
  const lab = named[0]?.value ?? basename(path, extname(path));
  for (const other of named) {
    if (other.value === lab) continue;
    context.error(other, { summary: `a playbook is one lab, and an earlier play says that it is "${lab}"` });
  }
  const playbook = { file: path, lab, labSaid: named.length > 0, plays: plays.map(({ play }) => play) };
  return { playbook, errors: sorted(context.errors) };
}

/** Reads a file of tasks for an include whose name only became known in the run. `standing`: where the include stands. */
export function parseTasks(file: string, deps: ParseDeps, standing?: Standing): ParsedTasks {
  const path = normalize(file);
  const context = standing ? standingIn(standing, deps, path) : new Context(deps, [path]);
  const entries = readText(path, context, (text) => parseTaskText(text, context)) ?? [];
  return { entries, roles: context.scene.roles, errors: sorted(context.errors) };
}

/** Reads a role for an include that the run has reached. */
export function parseRole(request: RoleRequest, deps: ParseDeps, standing: Standing): ParsedRole {
  const context = standingIn(standing, deps, normalize(standing.file));
  const role = loadRole(request, context, parseTaskText);
  return { role: role && withImported(role, context), errors: sorted(context.errors) };
}

function standingIn({ file: _, ...standing }: Standing, deps: ParseDeps, file: string): Context {
  return new Context(deps, [file], [], { ...standing, roles: [], known: [] });
}

function readText<T>(path: string, context: Context, parse: (text: string) => T): T | undefined {
  let text: string;
  try {
    text = context.deps.readFile(path);
  } catch (error) {
    if (!(error instanceof OrchError)) throw error;
    context.errors.push(error);
    return undefined;
  }
  return parse(text);
}

function parsePlays(text: string, context: Context): ParsedPlay[] {
  const file = context.chain.at(-1) ?? '';
  const { documents, errors } = loadYaml(text, file);
  context.errors.push(...errors);
  const [root, second] = documents;
  if (errors.length === 0 && isEmpty(root)) {
    context.errorAt({ file, line: 1, column: 1 }, { summary: 'the playbook is empty: it must be a list of plays' });
    return [];
  }
  if (second) context.error(second, { summary: 'a playbook is one YAML document, and here a second one starts' });
  if (!root) return [];
  if (!Array.isArray(root.value)) {
    context.error(root, { summary: `a playbook must be a list of plays, not ${describe(root.value)}` });
    return [];
  }
  return items({ ...root, value: root.value }).flatMap((item) => {
    if (!isMappingAt(item)) {
      context.error(item, { summary: `a play must be a mapping, not ${describe(item.value)}` });
      return [];
    }
    const key = Object.keys(item.value).find((name) => canonicalName(name) === 'import_playbook');
    return key === undefined ? [parsePlay(item, context)] : importPlays(item, key, context);
  });
}

function isEmpty(root: Located | undefined): boolean {
  return !root || root.value === null || (Array.isArray(root.value) && root.value.length === 0);
}

/** A playbook by its path, or by its name in a collection. */
function playbookFile(written: string, context: Context): string {
  const beside = isAbsolute(written) ? written : join(dirname(context.file), written);
  const others = collectionPlaybooks(written, context.scene.playbookDir, context.deps.collections);
  return [beside, ...others].find((file) => context.exists(file)) ?? beside;
}

/** The plays of another playbook; `tags`, `vars` and `when` of the import hold for each of them. */
function importPlays(mapping: Located<Mapping>, key: string, context: Context): ParsedPlay[] {
  const fields = new Fields(mapping, context);
  fields.refuseOthers(new Set([...keywords.importPlaybook, key]), 'import_playbook');
  const written = fields.text(key);
  if (!written) return [];
  const vars = fields.vars();
  const named = context.known(written, vars);
  if (isTemplate(named.value)) {
    context.error(named, {
      summary: 'import_playbook is read before the run, and only that knows what names its file',
    });
    return [];
  }
  const file = playbookFile(named.value, context);
  if (isCycle(file, named, context)) return [];
  const text = context.read(file, named);
  if (text === undefined) return [];
  context.deps.meetPlugins?.(dirname(file));
  const [when, tags] = [fields.expressions('when'), fields.tags()];
  return parsePlays(
    text,
    context.knowing(vars).within(file, { playbookDir: dirname(file), ...collectionsFor(file) }),
  ).map(({ play, lab }) => ({
    lab,
    play: {
      ...play,
      tags: [...new Set([...tags, ...play.tags])],
      // As in Ansible, they win over those that the play says of itself.
      vars: new Map([...play.vars, ...vars]),
      around: when.length > 0 ? [{ ...noKeywords(placeOf(mapping)), when }, ...play.around] : play.around,
    } satisfies Play,
  }));
}
