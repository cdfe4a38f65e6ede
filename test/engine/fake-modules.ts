import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { ownNetns } from '../../agent/linux/action.ts';
import { module as jobResult } from '../../agent/modules/job-result.ts';
import { type AnyModule, defineModule, defineRunModule } from '../../agent/modules/module.ts';
import { setLink } from '../../agent/modules/shared/link/actions.ts';
import { OrchError } from '../../proto/errors.ts';

const doc = { summary: 'For tests.', examples: [] };

function settingObject(key: string, netns: string | undefined): string {
  return `setting ${netns === undefined ? '' : `${netns} `}${key}`;
}

const setting = defineModule({
  ...doc,
  name: 'setting',
  form: 'converge',
  params: z.strictObject({ key: z.string(), value: z.string(), netns: z.string().optional() }),
  objects: ({ key, netns }) => [settingObject(key, netns)],
  needs: ({ value }) => (value === 'new' ? [{ what: 'kernel', which: '6.7', option: 'value' }] : []),
  read: async (params, host) => {
    const present = await host.sysctl(params.key, params.netns);
    const promised = params.netns !== undefined && host.promised({ kind: 'netns', name: params.netns });
    if (present === undefined && !promised) {
      throw new OrchError({ code: 'missing-object', summary: `no setting ${params.key}` });
    }
    return present;
  },
  plan: ({ key, value, netns }, current) => {
    const object = settingObject(key, netns);
    const undo = [{ op: 'sysctl', netns, key, value: current ?? '' }] as const;
    const steps = current === value ? [] : [{ object, action: { op: 'sysctl', netns, key, value } as const, undo }];
    return { steps, before: { value: current }, after: { value } };
  },
});

const space = defineModule({
  ...doc,
  name: 'space',
  form: 'converge',
  params: z.strictObject({ name: z.string(), absent: z.boolean().optional() }),
  objects: ({ name }) => [`netns ${name}`],
  makes: ({ name, absent }) => (absent === true ? [] : [{ kind: 'netns', name }]),
  read: async ({ name }, host) => (await host.netnsNames()).includes(name),
  plan: ({ name, absent = false }, there) => {
    const add = { op: 'netns-add', name } as const;
    const remove = { op: 'netns-delete', name } as const;
    const step = absent ? { action: remove, undo: [add], removes: true } : { action: add, undo: [remove] };
    return { steps: there !== absent ? [] : [{ object: `netns ${name}`, ...step }], before: there, after: !absent };
  },
});

function linkObject(name: string, netns: string | undefined): string {
  return `link ${netns === undefined ? '' : `${netns}/`}${name}`;
}

const link = defineModule({
  ...doc,
  name: 'link',
  form: 'converge',
  params: z.strictObject({ name: z.string(), netns: z.string().optional(), absent: z.boolean().optional() }),
  objects: ({ name, netns }) => [linkObject(name, netns)],
  read: async ({ name, netns }, host) => !(await host.ip(['link', 'show', 'dev', name], netns)).missing,
  plan: ({ name, netns, absent = false }, there) => {
    const add = { op: 'ip', netns, args: ['link', 'add', 'name', name] } as const;
    const remove = { op: 'ip', netns, args: ['link', 'del', 'dev', name] } as const;
    const step = absent ? { action: remove, undo: [add], removes: true } : { action: add, undo: [remove] };
    const object = linkObject(name, netns);
    return { steps: there !== absent ? [] : [{ object, ...step }], before: there, after: !absent };
  },
});

const move = defineModule({
  ...doc,
  name: 'move',
  form: 'converge',
  params: z.strictObject({ name: z.string(), netns: z.string() }),
  objects: ({ name, netns }) => [linkObject(name, netns)],
  read: async ({ name, netns }, host) => !(await host.ip(['link', 'show', 'dev', name], netns)).missing,
  plan: ({ name, netns }, there) => {
    const [to, back] = [setLink(undefined, name, 'netns', netns), setLink(netns, name, 'netns', ownNetns)];
    const step = { object: linkObject(name, netns), part: 'place', action: to, undo: [back] };
    return { steps: there ? [] : [step], before: there, after: true };
  },
});

const text = defineModule({
  ...doc,
  name: 'text',
  form: 'converge',
  params: z.strictObject({ path: z.string(), content: z.string().optional() }),
  objects: ({ path }) => [`file ${path}`],
  read: async ({ path }, host) => (await host.readFile(path))?.toString(),
  plan: ({ path, content }, current) => {
    const write = (value: string) =>
      ({ op: 'file', file: { do: 'write', path, content: Buffer.from(value).toString('base64') } }) as const;
    const set = (value: string | undefined) =>
      value === undefined ? ({ op: 'file', file: { do: 'unlink', path } } as const) : write(value);
    const step = { object: `file ${path}`, action: set(content), undo: [set(current)], removes: content === undefined };
    return { steps: current === content ? [] : [step], before: current, after: content };
  },
});

/** Makes a change that never shows. */
const stubborn = defineModule({
  ...doc,
  name: 'stubborn',
  form: 'converge',
  params: z.strictObject({}),
  objects: () => ['stubborn thing'],
  read: async () => 'old',
  plan: () => ({
    steps: [{ object: 'stubborn thing', action: { op: 'netns-add', name: 'x' }, undo: [] }],
    before: { state: 'old' },
    after: { state: 'new' },
  }),
});

const echo = defineRunModule({
  ...doc,
  name: 'echo',
  form: 'run',
  checkMode: 'skip',
  params: z.strictObject({ say: z.string(), fail: z.boolean().optional() }),
  run: async ({ say, fail }, _host, context) => {
    context.output(Buffer.from(say), false);
    return { changed: true, failed: fail ?? false, message: say, result: { said: say } };
  },
});

/** Gives back what no JSON can say. */
const cyclic = defineRunModule({
  ...doc,
  name: 'cyclic',
  form: 'run',
  checkMode: 'run',
  params: z.strictObject({}),
  run: async () => {
    const result: Record<string, unknown> = {};
    result.self = result;
    return { changed: true, result };
  },
});

/** Runs until it is told to end. */
const forever = defineRunModule({
  ...doc,
  name: 'forever',
  form: 'run',
  checkMode: 'skip',
  params: z.strictObject({}),
  run: (_params, _host, { signal }) =>
    new Promise((resolve) => {
      const end = () => resolve({ changed: false, failed: true, result: {} });
      if (signal.aborted) end();
      signal.addEventListener('abort', end);
    }),
});

/** Waits, and is told when to end. */
const waits = defineRunModule({
  ...doc,
  name: 'waits',
  form: 'run',
  checkMode: 'skip',
  params: z.strictObject({ ms: z.number().default(60_000) }),
  run: async ({ ms }, _host, { signal }) => {
    await sleep(ms, undefined, { signal });
    return { changed: false, result: {} };
  },
});

export const fakeModules: ReadonlyMap<string, AnyModule> = new Map(
  [setting, space, link, move, text, stubborn, echo, cyclic, forever, waits, jobResult].map(
    (module): [string, AnyModule] => [module.name, module],
  ),
);
