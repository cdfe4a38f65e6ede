import * as z from 'zod';
import { defineModule, type Step } from './module.ts';
import { accountName } from './shared/account-name.ts';
import { presence } from './shared/fields.ts';

interface Current {
  /** Undefined: there is no such group. */
  readonly gid: number | undefined;
}

function exec(...argv: string[]) {
  return { op: 'exec', command: { argv } } as const;
}

export const module = defineModule({
  name: 'group',
  form: 'converge',
  summary: 'Makes, changes or removes a group of users.',
  notes: 'By groupadd(8), groupmod and groupdel of the host.',
  examples: ['group:\n  name: lab\n  gid: 2000', 'group:\n  name: lab\n  state: absent'],
  params: z.strictObject({
    name: accountName.describe('The group.'),
    state: presence.describe('present or absent.'),
    gid: z.int().min(0).max(0xffffffff).optional().describe('Its number; default: a free one.'),
    system: z.boolean().default(false).describe('A new one gets a number of the system.'),
    gid_min: z.int().min(0).optional().describe('A free number is at least this one.'),
    gid_max: z.int().min(0).optional().describe('A free number is at most this one.'),
    non_unique: z.boolean().default(false).describe('The number may be that of another group.'),
    force: z.boolean().default(false).describe('Remove it even if it is the first group of a user.'),
  }),
  objects: ({ name }) => [`group ${name}`],
  makes: ({ name, state, gid }) => (state === 'present' ? [{ kind: 'group', name, id: gid }] : []),

  async read({ name }, host): Promise<Current> {
    return { gid: await host.group(name) };
  },

  plan({ name, state, gid, gid_min, gid_max, system, non_unique, force }, current) {
    const object = `group ${name}`;
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
