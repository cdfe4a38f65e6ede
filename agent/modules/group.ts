import * as z from 'zod';
import type { Host } from '../linux/host.ts';
import { defineModule, type Step } from './module.ts';
import { accountName } from './shared/account-name.ts';
import { presence } from './shared/fields.ts';
import { refuseWithLocal } from './shared/local-accounts.ts';
import { taskFailed } from './shared/programs.ts';

interface Current {
  /** Undefined: there is no such group. */
  readonly gid: number | undefined;
  /** local: name of the group that has the wanted number. */
  readonly holder?: string | undefined;
}

function exec(...argv: string[]) {
  return { op: 'exec', command: { argv } } as const;
}

/** The line of a group, by name or number, in the host's own file. */
async function inFiles(host: Host, group: string): Promise<readonly string[] | undefined> {
  const { status, stdout } = await host.exec({ argv: ['getent', '-s', 'files', 'group', group] }, { onlyReads: true });
  return status === 0 ? stdout.trim().split(':') : undefined;
}

export const module = defineModule({
  name: 'group',
  form: 'converge',
  summary: 'Makes, changes or removes a group of users.',
  notes: 'By groupadd(8), groupmod and groupdel of the host.',
  examples: ['group:\n  name: lab\n  gid: 2000', 'group:\n  name: lab\n  state: absent'],
  params: z
    .strictObject({
      name: accountName.describe('The group.'),
      state: presence.describe('present or absent.'),
      gid: z.int().min(0).max(0xffffffff).optional().describe('Its number; default: a free one.'),
      system: z.boolean().default(false).describe('A new one gets a number of the system.'),
      gid_min: z.int().min(0).optional().describe('A free number is at least this one.'),
      gid_max: z.int().min(0).optional().describe('A free number is at most this one.'),
      non_unique: z.boolean().default(false).describe('The number may be that of another group.'),
      local: z.boolean().default(false).describe("Look for it in the host's own files alone."),
      force: z.boolean().default(false).describe('Remove it even if it is the first group of a user.'),
    })
    .superRefine((params, context) => {
      refuseWithLocal(params, ['gid_min', 'gid_max'], context);
      if (params.non_unique && params.gid === undefined)
        context.addIssue({
          code: 'custom',
          path: ['gid'],
          message: 'non_unique is True but all of the following are missing: gid',
        });
    }),
  objects: ({ name }) => [`group ${name}`],
  makes: ({ name, state, gid }) => (state === 'present' ? [{ kind: 'group', name, id: gid }] : []),

  async read({ name, gid, local }, host): Promise<Current> {
    if (!local) return { gid: await host.group(name) };
    const present = (await inFiles(host, name))?.[2];
    const holder = gid === undefined ? undefined : (await inFiles(host, String(gid)))?.[0];
    return { gid: present === undefined ? undefined : Number(present), holder };
  },

  plan({ name, state, gid, gid_min, gid_max, system, non_unique, force }, current) {
    const object = `group ${name}`;
    const { holder = name } = current;
    if (state === 'present' && holder !== name && !non_unique)
      throw taskFailed(`GID '${gid}' already exists with group '${holder}'`);
    const shared = non_unique ? ['-o'] : [];
    const before = current.gid === undefined ? { state: 'absent' } : { state: 'present', gid: current.gid };
    const steps: Step[] = [];
    if (state === 'absent' && current.gid !== undefined) {
      const undo = [exec('groupadd', '-o', '-g', String(current.gid), name)];
      steps.push({ object, action: exec('groupdel', ...(force ? ['-f'] : []), name), undo, removes: true });
    } else if (state === 'present' && current.gid === undefined) {
      const range = [
        ...(gid_min === undefined ? [] : [`GID_MIN=${gid_min}`]),
        ...(gid_max === undefined ? [] : [`GID_MAX=${gid_max}`]),
      ];
      const options = [
        ...(gid === undefined ? [] : ['-g', String(gid), ...shared]),
        ...(system ? ['-r'] : []),
        ...range.flatMap((setting) => ['-K', setting]),
      ];
      steps.push({ object, action: exec('groupadd', ...options, name), undo: [exec('groupdel', name)] });
    } else if (state === 'present' && gid !== undefined && gid !== current.gid) {
      const undo = [exec('groupmod', '-o', '-g', String(current.gid), name)];
      steps.push({ object, part: 'gid', action: exec('groupmod', '-g', String(gid), ...shared, name), undo });
    }
    const now = state === 'absent' ? undefined : (gid ?? current.gid);
    const after = state === 'absent' ? { state } : { state, ...(now === undefined ? {} : { gid: now }) };
    const result = {
      name,
      state,
      ...(now === undefined ? {} : { gid: now }),
      ...(state === 'absent' ? {} : { system }),
    };
    return { steps, before, after: steps.length === 0 ? before : after, result };
  },
});
