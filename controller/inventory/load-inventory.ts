import { constants, existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import { findFirst } from '../../proto/regex.ts';
import { settings } from '../config/settings.ts';
import { mayUse, startsAsProgram } from '../file-access.ts';
import type { Vars } from '../playbook/types.ts';
import { byPlace } from '../source/load-yaml.ts';
import { optionText, placeOf } from '../source/origins.ts';
import { isFolder, readSourceFile } from '../source/read-file.ts';
import { use } from '../source/used-files.ts';
import { Draft } from './draft.ts';
import { readIniInventory } from './ini-inventory.ts';
import { LiveInventory, type ReadInventory } from './live-inventory.ts';
import { readScriptInventory } from './script-inventory.ts';
import { readTomlInventory } from './toml-inventory.ts';
import { type Inventory, localhosts } from './types.ts';
import { openVarsFolders } from './vars-folders.ts';
import { readYamlInventory } from './yaml-inventory.ts';

export interface LoadedInventory {
  /** Whole only when there are no errors. */
  readonly inventory: Inventory;
  /** The same, for a run that adds to it. */
  readonly live: LiveInventory;
  /** Of all files, in the order of their places. */
  readonly errors: readonly OrchError[];
  /** Of sources that are not there; as in Ansible, the others count all the same. */
  readonly missing: readonly OrchError[];
  /** The same, for a person who goes on without them. */
  readonly warnings: readonly string[];
}

/** Where Ansible looks for an inventory that nobody names. */
const usualSource = '/etc/ansible/hosts';

/** What is no inventory in a folder of them, whatever its extension. */
const passedOver = /^(?:\..*|host_vars|group_vars|vars_plugins)$/;

/** A line that only YAML has: a document start, or a key with nothing behind it. */
const saysYaml = /^(?:---|['"]?[\w.-]+['"]?:\s*(?:#.*)?$|\{)/m;

/** What Ansible's manual calls the settings of a plugin in YAML. */
const isPluginConfig = (text: string, file: string): boolean =>
  extname(file) === '.config' && /^\s*plugin\s*:/m.test(text);

const isYaml = (text: string, file: string): boolean =>
  ['.yml', '.yaml', '.json'].includes(extname(file)) || (extname(file) === '' && saysYaml.test(text));

function readText(text: string, file: string, draft: Draft): void {
  if (text.startsWith('#!')) {
    const summary = `"${file}" looks like a program, and nobody may execute it`;
    const hint = `chmod +x ${file}`;
    draft.errors.push(new OrchError({ code: 'inventory-syntax', summary, hint, where: { file, line: 1, column: 1 } }));
  } else if (isYaml(text, file) || isPluginConfig(text, file)) {
    readYamlInventory(text, file, draft);
  } else if (extname(file) === '.toml') {
    readTomlInventory(text, file, draft);
  } else {
    readIniInventory(text, file, draft);
  }
}

/** @param source the `-i` that led to the file */
function readFile(file: string, source: string, draft: Draft): void {
  try {
    if (isProgram(use(file))) readScriptInventory(file, draft);
    else readText(readSourceFile(file), file, draft);
  } catch (error) {
    if (!(error instanceof OrchError)) throw error;
    if (error.where) {
      draft.errors.push(error);
      return;
    }
    const { code, summary, hint } = error;
    draft.errors.push(new OrchError({ code, summary, hint, where: placeOf(optionText('-i', source)), cause: error }));
  }
}

/** Reads one `-i`. */
function readSource(source: string, draft: Draft): void {
  if (isNames(source)) {
    const at = optionText('-i', source);
    for (const entry of source.split(',')) {
      if (entry.trim() !== '') draft.addHosts(entry.trim(), [], draft.group('ungrouped'), at);
    }
    return;
  }
  if (isMissing(source)) return;
  const folder = isFolder(source);
  draft.folders.push(folder ? source : dirname(source));
  if (folder) readFolder(source, source, draft);
  else readFile(source, source, draft);
}

const unparsedText = (path: string) => `Unable to parse ${resolve(path)} as an inventory source`;

/** Reads the files of a folder in the order of their names, those of folders in it in their turn. */
function readFolder(folder: string, source: string, draft: Draft): void {
  for (const path of inventoriesIn(folder)) {
    if (isFolder(path)) readFolder(path, source, draft);
    else if (!existsSync(path)) draft.warnings.push(unparsedText(path));
    else readFile(path, source, draft);
  }
}

/** What a folder has for inventories, in the order of their names. */
function inventoriesIn(folder: string): readonly string[] {
  // A pipe that lies there has nobody who writes to it.
  const entries = readdirSync(use(folder), { withFileTypes: true }).filter(
    (entry) => !isPassedOver(entry.name) && !entry.isFIFO() && !entry.isSocket(),
  );
  return entries
    .map(({ name }) => name)
    .sort()
    .map((name) => join(folder, name));
}

/** True for a folder without a file, whatever folders are in it. */
const holdsNothing = (path: string): boolean => isFolder(path) && inventoriesIn(path).every(holdsNothing);

function isPassedOver(name: string): boolean {
  const flags = { ignoreCase: false, multiline: false };
  const { inventoryIgnoredExtensions: extensions, inventoryIgnoredPatterns: patterns } = settings();
  if (passedOver.test(name) || extensions.some((extension) => name.endsWith(extension))) return true;
  return patterns.some((pattern) => findFirst(pattern, name, flags, 'search'));
}

/** True for a program: file systems of others make each file one that may be executed. */
function isProgram(path: string): boolean {
  return mayUse(path, constants.X_OK) && statSync(path).isFile() && startsAsProgram(path);
}

/** What Ansible says of groups that no variable could be called as, by what becomes of their names. */
const oddGroupWarnings: Readonly<Record<string, string>> = {
  always: 'Invalid characters were found in group names and automatically replaced, use -vvvv to see details',
  never: 'Invalid characters were found in group names but not replaced, use -vvvv to see details',
};

/**
 * Reads inventories: files in YAML, INI or TOML, programs, folders of them, or comma lists ("vm01,vm02,"); later ones override earlier.
 * Variables of group_vars/ and host_vars/ beside each of them and beside the playbook are merged in. `extraVars`: those of -e, which
 * `constructed` may ask for.
 */
export function loadInventory(
  sources: readonly string[],
  playbook?: string,
  extraVars: Vars = new Map(),
): LoadedInventory {
  const read = () => readSources(sources, playbook, extraVars);
  const live = new LiveInventory(read, playbook && resolve(dirname(playbook)));
  const inventory = live.current;
  const { unparsedFailed, anyUnparsedFailed, unparsedWarning, groupCharacters } = settings();
  const missing = sources.filter(isMissing).map((source) => unread(source, 'there is no such file'));
  const empty = sources.filter(holdsNothing).map((source) => unread(source, 'it is an empty folder'));
  const unparsed = sources.filter((source) => isMissing(source) || holdsNothing(source));
  const none = unparsed.length === sources.length;
  const failed = anyUnparsedFailed || (unparsedFailed && none) ? [...missing, ...empty] : [];
  const warnings = [...live.warnings];
  const [first, ...others] = [...inventory.hosts.keys()].filter((name) => localhosts.has(name));
  warnings.push(
    ...others.map((name) => `A duplicate localhost-like entry was found (${name}). First found localhost was ${first}`),
    ...unparsed.map(unparsedText),
  );
  if (none && unparsedWarning) warnings.push('No inventory was parsed, only implicit localhost is available');
  const oddGroups = oddGroupWarnings[groupCharacters];
  const twice = [...inventory.groups.keys()].filter((name) => inventory.hosts.has(name));
  warnings.push(...twice.map((name) => `Found both group and host with same name: ${name}`));
  if (live.hasOddGroups && oddGroups) warnings.push(oddGroups);
  return { inventory, live, errors: [...live.errors, ...failed].sort(byPlace), missing, warnings };
}

function unread(source: string, why: string): OrchError {
  const summary = `cannot read "${source}": ${why}`;
  return new OrchError({ code: 'file-not-found', summary, where: placeOf(optionText('-i', source)) });
}

/** True for names with a comma between or behind them; a file may have one in its name, too. */
function isNames(source: string): boolean {
  return source.includes(',') && !existsSync(source);
}

/** True for a file or folder that is not there. */
function isMissing(source: string): boolean {
  return !source.includes(',') && !existsSync(source);
}

function readSources(sources: readonly string[], playbook: string | undefined, extraVars: Vars): ReadInventory {
  const draft = new Draft(extraVars);
  for (const source of sources) readSource(source, draft);
  const beside = (folders: readonly string[]) =>
    openVarsFolders([...new Set([...draft.folders, ...folders])], draft.errors);
  const folders = beside(playbook === undefined ? [] : [dirname(playbook)]);
  return {
    ...{ draft, folders, foldersBeside: (dir) => beside([dir]) },
    source: sources.join(', ') || 'localhost',
    sources: sources.length === 0 ? [usualSource] : sources.map((each) => (isNames(each) ? each : resolve(each))),
  };
}
