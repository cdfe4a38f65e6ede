import { readdirSync } from 'node:fs';
import { OrchError } from '../../../proto/errors.ts';
import { registry as actions } from '../../actions/registry.gen.ts';
import { catalog } from '../../catalog.ts';
import { pythonCollections } from '../../config/python-packages.ts';
import { settings } from '../../config/settings.ts';
import { ownPlugins } from '../../custom/own-plugins.ts';
import { customProblem } from '../../custom/pack.ts';
import type { ParseDeps, PlayDefaults } from '../../playbook/parse/context.ts';
import { strategyNamed } from '../../playbook/plays/play-values.ts';
import type { Vars } from '../../playbook/types.ts';
import type { Located } from '../../source/located.ts';
import { readSourceFile } from '../../source/read-file.ts';
import { use } from '../../source/used-files.ts';
import { varsLayer } from '../../vars/layer.ts';
import { renderLocated } from '../../vars/render.ts';
import { createScope } from '../../vars/scope.ts';

function listFolder(path: string): readonly string[] {
  try {
    return readdirSync(use(path)).sort();
  } catch {
    return [];
  }
}

function playDefaults(): PlayDefaults {
  const { gathering, strategy, anyErrorsFatal } = settings();
  return {
    gatherFacts: gathering === 'explicit' ? false : undefined,
    gatherOnce: gathering === 'smart',
    strategy: strategyNamed(strategy),
    anyErrorsFatal,
  };
}

/** Renders what names files and roles by what is known before the run. */
function nameOf(written: Located<string>, known: readonly Vars[]): string | undefined {
  try {
    const value = renderLocated(written, createScope(known.map(varsLayer)));
    return typeof value === 'object' ? undefined : String(value);
  } catch (error) {
    if (error instanceof OrchError) return undefined;
    throw error;
  }
}

/** What reads playbooks from this workstation's disk. `extraVars`: those of the command line. */
export function parseDeps(extraVars: Vars = new Map()): ParseDeps {
  const { library, moduleUtils, actionPlugins, privateRoleVars, collectionsPath, collectionsOfPython } = settings();
  return {
    readFile: readSourceFile,
    listFolder,
    rolesPath: settings().rolesPath,
    playDefaults: playDefaults(),
    catalog,
    isAction: (name) => actions.has(name),
    library,
    moduleUtils,
    actionPlugins,
    collections: [...collectionsPath, ...(collectionsOfPython ? pythonCollections() : [])],
    privateRoleVars,
    nameOf: (written, known) => nameOf(written, [...known, extraVars]),
    customProblem,
    meetPlugins: (folder) => ownPlugins().meet(folder),
    isLookup: (name) => Object.hasOwn(ownPlugins().lookups(), name) || ownPlugins().lookupOf(name) !== undefined,
  };
}
