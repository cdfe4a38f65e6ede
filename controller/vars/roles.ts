import { resolve } from 'node:path';
import type { RoleUse, Vars } from '../playbook/types.ts';
import type { Sources } from './precedence.ts';

/** Roles that a task sees: those of its play, and those around it, outermost first. */
export interface SeenRoles {
  readonly play: readonly RoleUse[];
  readonly around: readonly RoleUse[];
}

/** Whether a role around another one is there because that is one of its dependencies. */
export function dependsOn(role: RoleUse, inner: RoleUse | undefined): boolean {
  return role.dependencies.some(({ defaults }) => defaults === inner?.defaults);
}

/** A role's dependencies, and theirs, in the order they run. */
function allDependencies(role: RoleUse): readonly RoleUse[] {
  return role.dependencies.flatMap((dependency) => [...allDependencies(dependency), dependency]);
}

function defaultsOf(role: RoleUse): readonly Vars[] {
  return [...allDependencies(role), role].map(({ defaults }) => defaults);
}

function exportedVars(role: RoleUse): readonly Vars[] {
  return [...allDependencies(role), role].map(({ vars }) => vars);
}

/** Variables of roles as Ansible layers them: what a role defines wins inside of it, over its dependencies' and over others'. */
export function roleSources({
  play: all,
  around,
}: SeenRoles): Pick<Sources, 'roleDefaults' | 'roleVars' | 'roleParams'> {
  const play = all.filter((role) => !role.private);
  if (play.length === 0 && around.length === 0) return {};
  const parents = around.slice(0, -1);
  const own = around.at(-1);
  return {
    roleDefaults: [
      ...play.flatMap(defaultsOf),
      ...(own ? allDependencies(own).map(({ defaults }) => defaults) : []),
      ...around.map(({ defaults }) => defaults),
    ],
    roleVars: [
      ...play.flatMap(exportedVars),
      ...parents.flatMap(({ given, vars }) => [given, vars]),
      ...(own ? [...exportedVars(own), own.given] : []),
    ],
    roleParams: around.map(({ params }) => params),
  };
}

/** `role_name` and its like. */
export function roleMagic({ play, around }: SeenRoles): Readonly<Record<string, unknown>> {
  const own = around.at(-1);
  const names = (roles: readonly RoleUse[]) => [...new Set(roles.map(({ name }) => name))];
  const dependent = play.flatMap(allDependencies);
  const ofPlay = {
    ansible_play_role_names: play.map(({ name }) => name),
    ansible_dependent_role_names: names(dependent),
    ansible_role_names: names([...play, ...dependent]),
    role_names: play.map(({ name }) => name),
  };
  if (!own) return ofPlay;
  return {
    ...ofPlay,
    role_name: own.collection === undefined ? own.name : own.name.slice(own.collection.length + 1),
    role_path: resolve(own.path),
    ansible_role_name: own.name,
    ansible_collection_name: own.collection ?? '',
    ...includingRoles(around.slice(0, -1), own),
  };
}

/** `ansible_parent_role_names` and its like of what these roles, outermost first, are around. */
export function includingRoles(roles: readonly RoleUse[], inner?: RoleUse): Readonly<Record<string, unknown>> {
  // Whose dependency a role is did not include it.
  const parents = roles.filter((role, at) => !dependsOn(role, roles[at + 1] ?? inner));
  if (parents.length === 0) return {};
  return {
    ansible_parent_role_names: parents.map(({ name }) => name).reverse(),
    ansible_parent_role_paths: parents.map(({ path }) => resolve(path)).reverse(),
  };
}
