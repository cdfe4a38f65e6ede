import * as z from 'zod';
import type { Action } from '../linux/action.ts';
import { defineModule, type Step } from './module.ts';
import { presence } from './shared/fields.ts';
import { fileAction } from './shared/files/steps.ts';

interface Current {
  readonly loaded: boolean;
  /** Files that have the kernel load it when the host is started, or give it parameters then; undefined: none. */
  readonly loads: Buffer | undefined;
  readonly options: Buffer | undefined;
}

const fields = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$/, 'is no name of a module')
    .describe('The module of the kernel.'),
  params: z
    .string()
    .regex(/^[^\r\n\0]*$/, 'holds a newline')
    .default('')
    .describe('Parameters that it is loaded with: "numdummies=2".'),
  state: presence.describe('absent: it is unloaded.'),
  persistent: z
    .enum(['disabled', 'present', 'absent'])
    .default('disabled')
    .describe('Keep it in /etc/modules-load.d, and its parameters in /etc/modprobe.d, or take it out there.'),
});
type Params = z.infer<typeof fields>;

function exec(...argv: string[]): Action {
  return { op: 'exec', command: { argv } };
}

function filesOf(name: string) {
  return { loads: `/etc/modules-load.d/${name}.conf`, options: `/etc/modprobe.d/${name}.conf` };
}

/** The step that gives a file its text, or takes it away; none where that is so. */
function fileSteps(path: string, present: Buffer | undefined, wanted: string | undefined): Step[] {
  if (present?.toString('utf8') === wanted) return [];
  const set = (text: Buffer | undefined) =>
    fileAction(text === undefined ? { do: 'unlink', path } : { do: 'write', path, content: text.toString('base64') });
  const action = set(wanted === undefined ? undefined : Buffer.from(wanted));
  return [{ object: `file ${path}`, action, undo: [set(present)], ...(wanted === undefined ? { removes: true } : {}) }];
}

function persistentSteps({ name, params, persistent }: Params, { loads, options }: Current): Step[] {
  if (persistent === 'disabled') return [];
  const at = filesOf(name);
  const kept = persistent === 'present';
  const wanted = kept && params !== '' ? `options ${name} ${params}\n` : undefined;
  return [...fileSteps(at.loads, loads, kept ? `${name}\n` : undefined), ...fileSteps(at.options, options, wanted)];
}

export const module = defineModule({
  name: 'modprobe',
  form: 'converge',
  summary: 'Loads a module of the kernel, or unloads it.',
  notes: 'As community.general.modprobe. What is loaded already keeps its parameters.',
  examples: [
    'modprobe:\n  name: br_netfilter\n  persistent: present',
    'modprobe:\n  name: dummy\n  params: numdummies=0',
  ],
  params: fields,
  objects: ({ name }) => [`module ${name}`, ...Object.values(filesOf(name)).map((path) => `file ${path}`)],

  async read({ name }, host): Promise<Current> {
    const folder = `/sys/module/${name.replaceAll('-', '_')}`;
    const at = filesOf(name);
    const [state, loads, options] = await Promise.all([
      host.stat(folder),
      host.readFile(at.loads),
      host.readFile(at.options),
    ]);
    return { loaded: state !== undefined, loads, options };
  },

  plan(params, current) {
    const { name, state, persistent } = params;
    const words = params.params.split(/\s+/).filter((word) => word !== '');
    const [load, unload] = [exec('modprobe', name, ...words), exec('modprobe', '-r', name)];
    const wanted = state === 'present';
    const object = `module ${name}`;
    const change: Step = wanted
      ? { object, action: load, undo: [unload], needs: `the kernel module ${name}` }
      : { object, action: unload, undo: [exec('modprobe', name)], removes: true };
    const steps = [...(current.loaded === wanted ? [] : [change]), ...persistentSteps(params, current)];
    const view = (loaded: boolean, kept: boolean) => ({ module: name, loaded, kept });
    const before = view(current.loaded, current.loads !== undefined);
    const after = view(wanted, persistent === 'disabled' ? before.kept : persistent === 'present');
    const result = { name, params: params.params, state };
    return { steps, before, after: steps.length === 0 ? before : after, result };
  },
});
