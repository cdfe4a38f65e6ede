import * as z from 'zod';
import type { Action } from '../linux/action.ts';
import { defineModule } from './module.ts';
import { taskFailed } from './shared/programs.ts';

const selections = ['install', 'hold', 'deinstall', 'purge'] as const;

export const module = defineModule({
  name: 'dpkg_selections',
  form: 'converge',
  summary: 'Puts a package of Debian on hold, or gives it another selection of dpkg.',
  examples: ['dpkg_selections:\n  name: kubelet\n  selection: hold'],
  params: z.strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9+.-]*(?::[a-z0-9-]+)?$/, 'is no name of a package')
      .describe('The package.'),
    selection: z.enum(selections).describe('What is wanted of it.'),
  }),
  objects: ({ name }) => [`selection ${name}`],

  async read({ name, selection }, host) {
    const { status, stdout, stderr } = await host.exec(
      { argv: ['dpkg', '--get-selections', name] },
      { onlyReads: true },
    );
    const found = stdout.trim().split(/\s+/)[1];
    if (status === 0 && found !== undefined) return found;
    if (status !== 0 && !stderr.includes('no packages found matching'))
      throw taskFailed(stderr.trim() || `dpkg ended with ${status}.`);
    const failure = `Failed to find package '${name}' to perform selection '${selection}'.`;
    throw taskFailed(failure, 'An apt task before this one installs it.');
  },

  plan({ name, selection }, current) {
    const set = (to: string): Action => ({
      op: 'exec',
      command: { argv: ['dpkg', '--set-selections'], stdin: `${name} ${to}\n` },
    });
    const result = { before: current, after: selection };
    const before = { package: name, selection: current };
    if (current === selection) return { steps: [], before, after: before, result };
    const step = { object: `selection ${name}`, action: set(selection), undo: [set(current)] };
    return { steps: [step], before, after: { package: name, selection }, result };
  },
});
