import * as z from 'zod';
import type { Action } from '../../linux/action.ts';
import type { Host } from '../../linux/host.ts';
import type { Plan } from '../module.ts';
import { planUnit, readUnit, type Unit, type UnitWish } from './systemd.ts';

/** What a task may say of a unit that only systemd knows. */
export const unitFields = {
  masked: z.boolean().optional().describe('Cannot be started at all.'),
  daemon_reload: z.boolean().default(false).describe('Read the unit files anew first.'),
  daemon_reexec: z.boolean().default(false).describe('Start systemd itself anew first.'),
  scope: z
    .enum(['system', 'user', 'global'])
    .default('system')
    .describe("The host's units, those of the task's user, whose manager must run, or for all users."),
  no_block: z.boolean().default(false).describe('Do not wait until it is done.'),
  force: z.boolean().default(false).describe('Replace links that are in the way.'),
};
export const unitAliases = { 'daemon-reload': 'daemon_reload', 'daemon-reexec': 'daemon_reexec' };

export type UnitTask = z.infer<z.ZodObject<typeof unitFields>> &
  Pick<UnitWish, 'state' | 'enabled'> & { readonly name?: string | undefined };

export interface CurrentUnit {
  /** Whose manager is asked; undefined: the host's. */
  readonly user: string | undefined;
  readonly unit: Unit | undefined;
}

/** For `superRefine`: a scope that has no such state. */
export function requireScope({ scope, state }: UnitTask, context: z.RefinementCtx): void {
  if (scope === 'global' && state !== undefined)
    context.addIssue({ code: 'custom', path: ['state'], message: 'of units for all users is nothing: say enabled' });
}

/** What stands for a unit in plans and in the ledger. */
export function unitObject(name: string, user: string | undefined): string {
  return user === undefined ? `service ${name}` : `service ${user}/${name}`;
}

/** A user's manager is reached from outside of the user's sessions, where nothing says where its socket is. */
function managerOptions({ scope }: UnitTask, user: string | undefined): readonly string[] {
  if (user !== undefined) return ['--user', `--machine=${user}@.host`];
  return scope === 'global' ? ['--global'] : [];
}

function wish(task: UnitTask, user: string | undefined, name: string): UnitWish {
  const options = [
    ...managerOptions(task, user),
    ...(task.no_block ? ['--no-block'] : []),
    ...(task.force ? ['--force'] : []),
  ];
  const { state, enabled, masked } = task;
  return { name, object: unitObject(name, user), state, enabled, masked, options };
}

/** What concerns systemd itself; it is done each time and, as in Ansible, no change. */
function managerActions(task: UnitTask, user: string | undefined): Action[] {
  const verbs = [...(task.daemon_reload ? ['daemon-reload'] : []), ...(task.daemon_reexec ? ['daemon-reexec'] : [])];
  const options = user === undefined ? [] : managerOptions(task, user);
  return verbs.map((verb) => ({ op: 'exec', command: { argv: ['systemctl', ...options, verb] } }));
}

/** What systemd knows of a task's unit. Throws OrchError where the host has no systemd, or none that answers. */
export async function readUnitTask(task: UnitTask, host: Host): Promise<CurrentUnit> {
  const user = task.scope === 'user' ? (host.runAs ?? 'root') : undefined;
  if (task.name === undefined) return { user, unit: undefined };
  return { user, unit: await readUnit(host, wish(task, user, task.name)) };
}

/** Steps to what a task wishes of its unit. Throws OrchError where there is no such unit. */
export function planUnitTask(task: UnitTask, { user, unit }: CurrentUnit): Plan {
  const asides = managerActions(task, user);
  if (task.name !== undefined && unit !== undefined) return { ...planUnit(wish(task, user, task.name), unit), asides };
  return { steps: [], asides, before: {}, after: {}, result: { name: null, status: {} } };
}
