import { resolve } from 'node:path';
import type { OrchError } from '../../proto/errors.ts';
import { parsePlaybook } from '../playbook/parse/parse-playbook.ts';
import { type Input, loadInput, selectInput } from '../run/input/input.ts';
import { parseDeps } from '../run/input/parse-deps.ts';
import { scopeBefore } from '../run/input/prepare.ts';
import { type KnownTask, knownTasks } from './known-tasks.ts';
import { type LintTarget, lintTargets } from './lint-targets.ts';
import type { Project } from './project.ts';
import { readProject } from './read-project.ts';

/** Modules whose parameters rules ask for. */
const links = ['link', 'macvlan', 'bridge', 'vlan', 'veth', 'dummy'];
const asked = new Set(['address', 'addresses', 'sysctl', 'vrf', ...links]);

const selection = { tags: { only: ['all', 'never'], skip: [] }, limit: undefined, startAtTask: undefined };

/** What a run would be told. */
export interface LintSources {
  /** None: each host and group that a play names stands for one host, whose variables may be anything. */
  readonly inventories: readonly string[];
  readonly extraVars: readonly string[];
}

/**
 * Reads playbooks, roles and tasks, as lintTargets() finds them, and all that they lead to. `errors` gets what a run would refuse
 * them for.
 */
export function loadProject(words: readonly string[], sources: LintSources, errors: OrchError[]): Project {
  const targets = lintTargets(words);
  const found: OrchError[] = [];
  const known = targets.flatMap((target) => knownOf(target, sources, found));
  errors.push(...new Map(found.map((error) => [identity(error), error])).values());
  return readProject(targets, parseDeps(), known);
}

/** The same for what is wrong in a file, by whatever name it is led to. */
function identity({ where, summary }: OrchError): string {
  return JSON.stringify([where && 'file' in where ? { ...where, file: resolve(where.file) } : where, summary]);
}

function knownOf(
  { file, text }: LintTarget,
  { inventories, extraVars }: LintSources,
  errors: OrchError[],
): readonly KnownTask[] {
  // Of what stands by itself the variables are in plays that nobody knows.
  const none = inventories.length === 0 || text !== undefined;
  const found: OrchError[] = [];
  const hosts = none ? [`${(text === undefined ? namedHosts(file) : ['localhost']).join(',')},`] : inventories;
  const input = loadInput(file, hosts, extraVars, found, text);
  const wrong = none ? found.filter(({ code }) => code !== 'undefined-variable') : [...found, ...input.missing];
  errors.push(...wrong);
  return wrong.length > 0 ? [] : knownIn(file, input, none, errors);
}

function knownIn(playbook: string, input: Input, none: boolean, errors: OrchError[]): readonly KnownTask[] {
  const found: OrchError[] = [];
  const selected = selectInput(input, selection, found);
  if (!none) errors.push(...found);
  const commandLine = { check: false, diff: false, tags: [], skipTags: [], limit: undefined, verbosity: 0 };
  // Who has a playbook looked at may not trust it.
  const scope = scopeBefore(selected, { ...commandLine, reach: {}, onlyReads: true });
  return knownTasks(playbook, selected.plays, asked, scope);
}

/** The hosts and groups that the patterns of plays name, each as one host. */
function namedHosts(file: string): readonly string[] {
  const { plays } = parsePlaybook(file, parseDeps()).playbook;
  const words = plays.flatMap(({ hosts }) => hosts.value.split(/[,:&!]+/).map((word) => word.trim()));
  const names = words.filter((word) => /^[A-Za-z_][\w.-]*$/.test(word) && word !== 'all');
  return names.length === 0 ? ['localhost'] : [...new Set(names)];
}
