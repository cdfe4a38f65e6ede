import { resolve } from 'node:path';
import { type ErrorCode, OrchError, OrchErrors } from '../../../proto/errors.ts';
import { catalog } from '../../catalog.ts';
import { settings } from '../../config/settings.ts';
import type { LiveInventory } from '../../inventory/live-inventory.ts';
import { loadInventory } from '../../inventory/load-inventory.ts';
import { expandLimit, matchHosts, type SelectedHosts } from '../../inventory/select-hosts.ts';
import type { Inventory } from '../../inventory/types.ts';
import { parsePlaybook } from '../../playbook/parse/parse-playbook.ts';
import { checkHandlers } from '../../playbook/plays/check-handlers.ts';
import { checkVariables, possibleNames } from '../../playbook/plays/check-variables.ts';
import { growsInventory } from '../../playbook/plays/grows-inventory.ts';
import { reservedNames } from '../../playbook/plays/reserved-names.ts';
import { selectTags, type TagSelection } from '../../playbook/plays/select-tags.ts';
import { startAtTask } from '../../playbook/plays/start-at.ts';
import type { Playbook, Vars } from '../../playbook/types.ts';
import { byPlace } from '../../source/load-yaml.ts';
import type { Located } from '../../source/located.ts';
import { optionText } from '../../source/origins.ts';
import { factCache } from '../hosts/fact-cache.ts';
import { readExtraVars } from './extra-vars.ts';
import { parseDeps } from './parse-deps.ts';
import { ordered, patternWarnings, playHosts, type SelectedPlay } from './play-hosts.ts';
import { withRenderedTags } from './render-tags.ts';
import { VarsFiles } from './vars-files.ts';

/** What a run of one playbook is about, read and free of errors. */
export interface Input {
  /** Playbooks that run before it may add to the inventory. */
  readonly grown: boolean;
  /** As it is before the run. */
  readonly inventory: Inventory;
  readonly live: LiveInventory;
  readonly playbook: Playbook;
  readonly extraVars: Vars;
  readonly varsFiles: VarsFiles;
  /** Of inventories that are not there. */
  readonly missing: readonly OrchError[];
  /** What is told of the inventory before the run. */
  readonly warnings: readonly string[];
}

/** Behind them are files that could not be read: any variable may be defined there. */
const hidesNames: ReadonlySet<ErrorCode> = new Set(['file-not-found', 'vault']);

/** Said of an inventory without any. */
export const noHosts =
  "provided hosts list is empty, only localhost is available. Note that the implicit localhost does not match 'all'";

/** Reads a playbook with its inventory and all files they name. `errors` gets everything that is wrong. `text`: the
 * playbook itself, when it stands in no file. */
export function loadInput(
  file: string,
  inventories: readonly string[],
  extraVars: readonly string[],
  errors: OrchError[],
  text?: string,
): Input {
  const [input] = loadInputs([file], inventories, extraVars, errors, text);
  return input as Input;
}

/** The same for playbooks that run one after the other: each goes on with the hosts and variables of those before it. */
export function loadInputs(
  files: readonly string[],
  inventories: readonly string[],
  extraVars: readonly string[],
  errors: OrchError[],
  text?: string,
): readonly Input[] {
  const extra = readExtraVars(extraVars);
  const { live, ...hosts } = loadInventory(inventories, files[0], extra.vars);
  const deps = parseDeps(extra.vars);
  const texts: string[] = [];
  const readFile = (path: string) => {
    const read = text !== undefined && path === files[0] ? text : deps.readFile(path);
    texts.push(read);
    return read;
  };
  const parsed = files.map((file) => parsePlaybook(file, { ...deps, readFile }));
  const playbooks = parsed.map(({ playbook }) => playbook);
  const plays = playbooks.flatMap((playbook) => playbook.plays);
  const wrong = parsed.flatMap((each) => each.errors);
  errors.push(...hosts.errors, ...extra.errors);
  if (hosts.errors.length + extra.errors.length > 0 || wrong.some(({ code }) => hidesNames.has(code))) {
    errors.push(...wrong);
  } else {
    const folders = new Set(plays.map(({ dir }) => resolve(dir)));
    const seen = [hosts.inventory, ...[...folders].map((folder) => live.beside(folder))];
    // The workstation has what stands beside the playbook, also where no inventory names it.
    const given = seen.flatMap((each) => [...each.hosts.values(), each.localhost()].map(({ vars }) => vars));
    const possible = wrong.length > 0 ? texts.flatMap(possibleNames) : [];
    const unknown = (more: readonly string[]) =>
      checkVariables({ plays }, [...given, extra.vars], catalog, [...possible, ...more]);
    const asked = unknown([]);
    const others = () => [
      ...(factCache(false)?.names(hosts.inventory.hosts.keys()) ?? []),
      ...(playbooks.some(growsInventory) ? live.mayBring(folders) : []),
    ];
    const missing = asked.length > 0 ? unknown(others()) : asked;
    const unheard =
      wrong.length > 0 || !settings().errorOnMissingHandler ? [] : playbooks.flatMap((each) => checkHandlers(each));
    errors.push(...[...wrong, ...missing, ...unheard].sort(byPlace));
  }
  const warnings = [...hosts.warnings];
  if (errors.length === 0) warnings.push(...playbooks.flatMap((each) => reservedNames(each, extra.vars, catalog)));
  if (hosts.inventory.hosts.size === 0 && settings().localhostWarning) warnings.push(noHosts);
  const { inventory, missing } = hosts;
  const common = { inventory, live, extraVars: extra.vars, missing, warnings };
  return playbooks.map((playbook, index) => ({
    ...common,
    ...{ playbook, varsFiles: new VarsFiles() },
    grown: playbooks.slice(0, index).some(growsInventory),
  }));
}

/** What the command line leaves of a playbook. */
export interface Selection {
  readonly tags: TagSelection;
  readonly limit: string | undefined;
  readonly startAtTask: string | undefined;
}

export interface SelectedInput extends Input {
  readonly plays: readonly SelectedPlay[];
  /** Names in the limit that mean nothing. */
  readonly unmatchedLimits: readonly string[];
  /** What a pattern means within the limit, as the inventory is now. */
  readonly chooseHosts: (pattern: Located<string>) => SelectedHosts;
}

/** What there is to say of the hosts that plays and the limit name, before a run has added any. */
export function unmatchedWarnings({ plays, chooseHosts, unmatchedLimits }: SelectedInput): readonly string[] {
  const ofPlays = plays.flatMap(({ play, pattern }) => (pattern ? [] : patternWarnings(chooseHosts(play.hosts))));
  return [...ofPlays, ...patternWarnings({ unmatched: unmatchedLimits })];
}

/** What of a pattern is an error: all that means nothing, if the settings say so, or names much like one that there is. */
function wrongIn({ errors, mistakes }: SelectedHosts): readonly OrchError[] {
  return settings().hostPatternMismatch === 'error' ? errors : mistakes;
}

/** What is wrong with a limit; as in Ansible, also that it leaves no host of the inventory. */
function unusable(limit: Located<string>, limited: SelectedHosts, inventory: Inventory): readonly OrchError[] {
  // Where there is no inventory, a limit leaves what it had: nothing.
  if (limited.hosts.length > 0 || inventory.hosts.size === 0) return wrongIn(limited);
  const { errors } = limited;
  const summary = 'Specified inventory, host pattern and/or --limit leaves us with no hosts to target.';
  const detail = `no host of the inventory ${inventory.source} is within --limit`;
  return [...errors, new OrchError({ code: 'unknown-host', summary, detail, where: limit.origin.place(limit.path) })];
}

/** Does a piece of work; what is wrong with it goes to `errors`. */
export function collected<T>(work: () => T, otherwise: T, errors: OrchError[]): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof OrchError)) throw error;
    errors.push(error);
    return otherwise;
  }
}

/** Leaves the hosts and tasks that the command line selects. `errors` gets patterns and names that mean nothing. */
export function selectInput(input: Input, selection: Selection, errors: OrchError[]): SelectedInput {
  const [selected] = selectInputs([input], selection, errors);
  return selected as SelectedInput;
}

/** The same for playbooks that run one after the other. */
export function selectInputs(
  inputs: readonly Input[],
  selection: Selection,
  errors: OrchError[],
): readonly SelectedInput[] {
  const { startAtTask: start, tags, limit } = selection;
  const tagged = inputs.map((input) => ({
    ...input,
    playbook: selectTags(withRenderedTags(input.playbook, input), tags),
  }));
  const whole = tagged.map(({ playbook }) => playbook);
  // As in Ansible, of what tags leave.
  const from = start === undefined ? whole : collected(() => startAtTask(whole, start), whole, errors);
  return tagged.map((input, at) => selectFrom({ ...input, playbook: from[at] ?? input.playbook }, limit, errors));
}

function selectFrom(input: Input, limit: string | undefined, errors: OrchError[]): SelectedInput {
  const { playbook, inventory } = input;
  const collect = <T>(work: () => T, otherwise: T): T => collected(work, otherwise, errors);
  const pattern = limit === undefined ? undefined : collect(() => expandLimit(limit), undefined);
  const limits = pattern === undefined ? undefined : optionText('--limit', pattern);
  const grows = input.grown || growsInventory(playbook);
  const limited = limits && matchHosts(inventory, limits);
  if (limited && !grows) errors.push(...unusable(limits, limited, inventory));
  const chooseHosts = (asked: Located<string>): SelectedHosts => {
    const matched = matchHosts(input.live.current, asked);
    if (!limits) return matched;
    const within = new Set(matchHosts(input.live.current, limits).hosts);
    return { ...matched, hosts: matched.hosts.filter((host) => within.has(host)) };
  };
  const plays = playbook.plays.map((play): SelectedPlay => {
    const hosts = collect(() => playHosts(play, input.extraVars, { inventory, grows }), undefined);
    if (!hosts) return { play, hosts: [], pattern: play.hosts };
    const matched = chooseHosts(hosts);
    // Tasks may still bring what is not there yet.
    if (!grows) errors.push(...wrongIn(matched));
    return { play: { ...play, hosts }, hosts: ordered(matched.hosts, play.order) };
  });
  // As in Ansible an inventory that is not there is missed by nobody, unless nothing but it could have had the hosts.
  if (inventory.hosts.size === 0 && plays.some(({ hosts }) => hosts.length === 0)) errors.push(...input.missing);
  return { ...input, plays, unmatchedLimits: limited?.unmatched ?? [], chooseHosts };
}

/** Throws all errors at once, when there are any. */
export function refuse(errors: readonly OrchError[]): void {
  if (errors.length > 0) throw new OrchErrors(errors);
}
