import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { catalog } from '../catalog.ts';
import type { ParseDeps } from '../playbook/context.ts';
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
  const said = process.env.ANSIBLE_ROLES_PATH?.split(':').filter((path) => path !== '');
  return (said ?? defaultRolesPath).map((path) => path.replace(/^~(?=\/)/, homedir()));
}

/** What reads playbooks from this workstation's disk. */
export function parseDeps(): ParseDeps {
  return { readFile: readSourceFile, listFolder, rolesPath: rolesPath(), catalog };
}
