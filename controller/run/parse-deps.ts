import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { registry as actions } from '../actions/registry.gen.ts';
import { catalog } from '../catalog.ts';
import { settings } from '../config/settings.ts';
import { customProblem } from '../custom/pack.ts';
import { canonicalName } from '../playbook/catalog.ts';
import type { ParseDeps, PlayDefaults } from '../playbook/context.ts';
import { readSourceFile } from '../source/read-file.ts';

/** Where Ansible looks for roles unless it is told otherwise. */
const defaultRolesPath = ['~/.ansible/roles', '/usr/share/ansible/roles', '/etc/ansible/roles'];

function listFolder(path: string): readonly string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}

function rolesPath(): readonly string[] {
  return settings().rolesPath ?? defaultRolesPath.map((path) => path.replace(/^~(?=\/)/, homedir()));
}

function playDefaults(): PlayDefaults {
  const { gathering, strategy, anyErrorsFatal } = settings();
  const linear = strategy !== undefined && canonicalName(strategy) === 'linear';
  return {
    gatherFacts: gathering === 'explicit' ? false : undefined,
    gatherOnce: gathering === 'smart',
    strategy: linear ? 'linear' : undefined,
    anyErrorsFatal,
  };
}

/** What reads playbooks from this workstation's disk. */
export function parseDeps(): ParseDeps {
  const { library, moduleUtils } = settings();
  return {
    readFile: readSourceFile,
    listFolder,
    rolesPath: rolesPath(),
    playDefaults: playDefaults(),
    catalog,
    isAction: (name) => actions.has(name),
    library,
    moduleUtils,
    customProblem,
  };
}
