import * as z from 'zod';
import { defineModule } from './module.ts';
import { netnsName, presence } from './shared/fields.ts';
import { readRows } from './shared/place.ts';
import { text } from './shared/rows.ts';

interface Current {
  readonly exists: boolean;
  /** Links that a removal would take along, without lo. */
  readonly links: readonly string[];
}

export const module = defineModule({
  name: 'netns',
  form: 'converge',
  summary: 'Makes or removes a named network namespace.',
  notes:
    'A namespace is a file in /run/netns, as `ip netns` makes it. Removing one removes the virtual links inside; ' +
    'physical links go back to the first namespace of the machine.',
  examples: ['netns:\n  name: ns01', 'netns: ns01', 'netns:\n  name: ns01\n  state: absent'],
  freeForm: 'name',
  params: z.strictObject({
    name: netnsName.describe('Name of the namespace.'),
    state: presence.describe('Whether it exists.'),
  }),
  makes: (params) => (params.state === 'present' ? [{ kind: 'netns', name: params.name }] : []),

  async read(params, host): Promise<Current> {
    const exists = (await host.netnsNames()).includes(params.name);
    if (!exists || params.state === 'present') return { exists, links: [] };
    const links = (await readRows(host, params.name, ['link', 'show'])).flatMap((row) => text(row, 'ifname') ?? []);
    return { exists, links: links.filter((name) => name !== 'lo') };
  },

  plan(params, current) {
    const { name } = params;
    const before = { state: current.exists ? 'present' : 'absent' };
    const after = { state: params.state };
    const object = `netns ${name}`;
    if (before.state === after.state) return { steps: [], before, after };
    if (params.state === 'present') {
      const undo = [{ op: 'netns-delete', name }] as const;
      return { steps: [{ object, action: { op: 'netns-add', name }, undo }], before, after };
    }
    const undo = [{ op: 'netns-add', name }] as const;
    const warnings =
      current.links.length === 0
        ? []
        : [`${current.links.join(', ')} in ${name} are removed with it; destroy brings back an empty namespace`];
    return { steps: [{ object, action: { op: 'netns-delete', name }, undo, removes: true }], before, after, warnings };
  },
});
