import * as z from 'zod';
import type { Action } from '../linux/action.ts';
import { defineModule, type Step } from './module.ts';
import { type Alternative, type Alternatives, parseAlternatives, sameSubcommands } from './shared/alternatives.ts';
import { hostPath } from './shared/fields.ts';
import { ask, execAction, taskFailed } from './shared/programs.ts';

const name = z.string().regex(/^[^\s/\0-][^\s/\0]*$/, 'is no name of an alternative');
const linkPath = hostPath.regex(/^[^\n\r]*$/, 'holds a newline');

const fields = z.strictObject({
  name: name.describe('The generic name: "editor".'),
  path: linkPath.optional().describe('The program that the link leads to.'),
  family: z
    .string()
    .regex(/^[^\s\0-][^\s\0]*$/, 'is no name of a family')
    .optional()
    .describe('Family of programs, where the host has them (Red Hat).'),
  link: linkPath.optional().describe('The link; where the name is known already, that one.'),
  priority: z
    .int()
    .min(-(2 ** 31))
    .max(2 ** 31 - 1)
    .optional()
    .describe('Priority in auto mode; 50 for a new one.'),
  state: z
    .enum(['present', 'selected', 'auto', 'absent'])
    .default('selected')
    .describe(
      'present: it is one to choose. selected: it is chosen. auto: the best one is chosen. absent: it is none.',
    ),
  subcommands: z
    .array(
      z.strictObject({
        name: name.describe('Its generic name.'),
        path: linkPath.describe('What its link leads to.'),
        link: linkPath.describe('Its link.'),
      }),
    )
    .optional()
    .describe('Links that go along with it (slaves).'),
});
type Params = z.infer<typeof fields>;

interface Current extends Alternatives {
  /** Whether the program is there. */
  readonly exists: boolean;
}

function run(...argv: string[]): Action {
  return execAction(['update-alternatives', ...argv], { env: { LC_ALL: 'C' } });
}

function installAction(params: Params, link: string, path: string, wanted: Alternative): Action {
  const slaves = wanted.subcommands.flatMap((each) => ['--slave', each.link, each.name, each.path]);
  const family = wanted.family === undefined ? [] : ['--family', wanted.family];
  return run('--install', link, params.name, path, String(wanted.priority), ...family, ...slaves);
}

/** Makes the present choice again. */
function chooseAgain({ name }: Params, { mode, chosen }: Current): readonly Action[] {
  if (mode === 'manual' && chosen !== undefined) return [run('--set', name, chosen)];
  return mode === 'auto' ? [run('--auto', name)] : [];
}

function wantedAlternative(params: Params, present: Alternative | undefined): Alternative {
  return {
    priority: params.priority ?? present?.priority ?? 50,
    family: params.family ?? present?.family,
    subcommands: params.subcommands ?? present?.subcommands ?? [],
  };
}

/** True where the program is no alternative yet, or another one than is wanted. */
function isNew({ priority, subcommands }: Params, present: Alternative | undefined): boolean {
  if (present === undefined || (priority !== undefined && present.priority !== priority)) return true;
  return subcommands !== undefined && !sameSubcommands(subcommands, present.subcommands);
}

function installSteps(params: Params, current: Current): readonly Step[] {
  const { path } = params;
  const present = path === undefined ? undefined : current.all.get(path);
  if (path === undefined || !isNew(params, present)) return [];
  const link = params.link ?? current.link;
  if (!current.exists) throw taskFailed(`Specified path ${path} does not exist`);
  if (link === undefined)
    throw taskFailed('Needed to install the alternative, but unable to do so as we are missing the link', 'Say link.');
  const action = installAction(params, link, path, wantedAlternative(params, present));
  const object = `alternative ${params.name} ${path}`;
  if (present === undefined) return [{ object, action, undo: [run('--remove', params.name, path)] }];
  return [{ object, part: 'priority', action, undo: [installAction(params, link, path, present)] }];
}

function choiceSteps(params: Params, current: Current): readonly Step[] {
  const { name, path, family, state } = params;
  const choice = { object: `alternative ${name}`, part: 'choice', undo: chooseAgain(params, current) };
  if (state === 'auto') return current.mode === 'manual' ? [{ ...choice, action: run('--auto', name) }] : [];
  const inFamily = family !== undefined && current.all.get(current.chosen ?? '')?.family === family;
  if (state !== 'selected' || inFamily || (path !== undefined && current.chosen === path)) return [];
  return [{ ...choice, action: run('--set', name, path ?? family ?? '') }];
}

function removalSteps(params: Params, current: Current): readonly Step[] {
  const { name, path = '' } = params;
  const present = current.all.get(path);
  if (present === undefined) return [];
  const link = params.link ?? current.link;
  const undo = link === undefined ? [] : [installAction(params, link, path, present), ...chooseAgain(params, current)];
  const object = `alternative ${name} ${path}`;
  return [{ object, action: run('--remove', name, path), undo, removes: true }];
}

/** What was done, in Ansible's words. */
function messages({ name, path, family }: Params, steps: readonly Step[]): string {
  const said = steps.map(({ action, removes, part }) => {
    if (removes) return `Remove alternative '${path}' from '${name}'.`;
    if (part !== 'choice') return `Install alternative '${path}' for '${name}'.`;
    const auto = action.op === 'exec' && action.command.argv.includes('--auto');
    return auto ? `Set alternative to auto for '${name}'.` : `Set alternative '${path ?? family}' for '${name}'.`;
  });
  return said.join(' ');
}

export const module = defineModule({
  name: 'alternatives',
  form: 'converge',
  summary: 'Chooses which program a common name leads to.',
  notes: 'As community.general.alternatives, by update-alternatives(1).',
  examples: [
    'alternatives:\n  name: editor\n  path: /usr/bin/vim.basic',
    'alternatives:\n  name: python\n  path: /usr/bin/python3\n  link: /usr/bin/python\n  priority: 10\n  state: auto',
  ],
  aliases: { slaves: 'subcommands' },
  params: fields.superRefine(({ path, family, state }, context) => {
    if (path !== undefined || (family !== undefined && state !== 'absent')) return;
    context.addIssue({ code: 'custom', path: ['path'], message: 'Either path or family must be specified' });
  }),
  objects: ({ name, path }) => [`alternative ${name}`, ...(path === undefined ? [] : [`alternative ${name} ${path}`])],

  async read({ name, path }, host): Promise<Current> {
    const { status, stdout } = await ask(host, ['update-alternatives', '--display', name]);
    const exists = path === undefined || (await host.stat(path)) !== undefined;
    return { ...parseAlternatives(status === 0 ? stdout : ''), exists };
  },

  plan(params, current) {
    const { path = '', state } = params;
    const steps =
      state === 'absent'
        ? removalSteps(params, current)
        : [...installSteps(params, current), ...choiceSteps(params, current)];
    const present = current.all.get(path);
    const view = ({ priority, subcommands }: Alternative, choice: string | undefined, mode: string | undefined) => ({
      ...{ path, priority, mode, chosen: choice },
      ...(subcommands.length === 0 ? {} : { subcommands }),
    });
    const result = { msg: messages(params, steps) };
    const before = present === undefined ? { state: 'absent' } : view(present, current.chosen, current.mode);
    if (steps.length === 0) return { steps, before, after: before, result };
    if (state === 'absent') return { steps, before, after: { state: 'absent' }, result };
    const mode = state === 'selected' ? 'manual' : state === 'auto' ? 'auto' : (current.mode ?? 'auto');
    const choice = state === 'selected' ? (params.path ?? params.family) : current.chosen;
    return { steps, before, after: view(wantedAlternative(params, present), choice, mode), result };
  },
});
