import { OrchError, OrchErrors } from '../../proto/errors.ts';
import { catalog } from '../catalog.ts';
import { loadInventory } from '../inventory/load-inventory.ts';
import { expandLimit, matchHosts } from '../inventory/select-hosts.ts';
import type { Inventory } from '../inventory/types.ts';
import { checkVariables } from '../playbook/check-variables.ts';
import { parsePlaybook } from '../playbook/parse-playbook.ts';
import { selectTags, type TagSelection } from '../playbook/select-tags.ts';
import { startAtTask } from '../playbook/start-at.ts';
import type { Playbook, Vars } from '../playbook/types.ts';
import { optionText } from '../source/origins.ts';
import { readExtraVars } from './extra-vars.ts';
import { parseDeps } from './parse-deps.ts';
import type { SelectedPlay } from './play.ts';
import { ordered, playHosts } from './play-hosts.ts';
import { VarsFiles } from './vars-files.ts';

/** What a run of one playbook is about, read and free of errors. */
export interface Input {
  readonly inventory: Inventory;
  readonly playbook: Playbook;
  readonly extraVars: Vars;
  readonly varsFiles: VarsFiles;
}

/** Reads a playbook with its inventory and all files they name. `errors` gets everything that is wrong. `text`: the
 * playbook itself, when it stands in no file. */
export function loadInput(
  file: string,
  inventories: readonly string[],
  extraVars: readonly string[],
  errors: OrchError[],
  text?: string,
): Input {
  const hosts = loadInventory(inventories, file);
  const deps = parseDeps();
  const readFile = (path: string) => (text !== undefined && path === file ? text : deps.readFile(path));
  const { playbook, errors: wrong } = parsePlaybook(file, { ...deps, readFile });
  const extra = readExtraVars(extraVars);
  const found = [...hosts.errors, ...wrong, ...extra.errors];
  errors.push(...found);
  // What a file with errors defines is not known.
  if (found.length === 0) {
    const given = [...hosts.inventory.hosts.values()].map(({ vars }) => vars);
    errors.push(...checkVariables(playbook, [...given, extra.vars], catalog));
  }
  return { inventory: hosts.inventory, playbook, extraVars: extra.vars, varsFiles: new VarsFiles() };
}

/** What the command line leaves of a playbook. */
export interface Selection {
  readonly tags: TagSelection;
  readonly limit: string | undefined;
  readonly startAtTask: string | undefined;
}

export interface SelectedInput extends Input {
  readonly plays: readonly SelectedPlay[];
}

/** Leaves the hosts and tasks that the command line selects. `errors` gets patterns and names that mean nothing. */
export function selectInput(input: Input, selection: Selection, errors: OrchError[]): SelectedInput {
  const { inventory } = input;
  const collect = <T>(work: () => T, otherwise: T): T => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
      errors.push(error);
      return otherwise;
    }
  };
  const { startAtTask: start, limit } = selection;
  const from = start === undefined ? input.playbook : collect(() => startAtTask(input.playbook, start), input.playbook);
  const playbook = selectTags(from, selection.tags);
  const within = limit === undefined ? undefined : collect(() => limitedHosts(inventory, limit, errors), undefined);
  const plays = playbook.plays.map((play) => {
    const hosts = collect(() => playHosts(play, input.extraVars), undefined);
    if (!hosts) return { play, hosts: [] };
    const matched = matchHosts(inventory, hosts);
    errors.push(...matched.errors);
    const left = within ? matched.hosts.filter((host) => within.has(host)) : matched.hosts;
    return { play: { ...play, hosts }, hosts: ordered(left, play.order) };
  });
  return { ...input, playbook, plays };
}

function limitedHosts(inventory: Inventory, limit: string, errors: OrchError[]): ReadonlySet<string> {
  const matched = matchHosts(inventory, optionText('--limit', expandLimit(limit)));
  errors.push(...matched.errors);
  return new Set(matched.hosts);
}

/** Throws all errors at once, when there are any. */
export function refuse(errors: readonly OrchError[]): void {
  if (errors.length > 0) throw new OrchErrors(errors);
}
