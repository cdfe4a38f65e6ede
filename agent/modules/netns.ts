import * as z from 'zod';
import { OrchError } from '../../proto/errors.ts';
import type { Host } from '../linux/host.ts';
import { type Action, defineModule, type Plan, type Step } from './module.ts';
import { netnsName, presence } from './shared/fields.ts';
import { removalSteps } from './shared/files/removal.ts';
import type { Entry } from './shared/files/tree.ts';
import {
  fileObjects,
  fileSteps,
  filesField,
  filesView,
  type NetnsFiles,
  readFiles,
  readOwnFolder,
} from './shared/netns/files.ts';
import { noRest, planRest, type Rest, readRest } from './shared/netns/rest.ts';
import { readRows } from './shared/place.ts';
import { number, rows, text, texts } from './shared/rows.ts';

const fields = z.strictObject({
  name: netnsName.describe('Name of the namespace.'),
  lo: z.enum(['up', 'down']).optional().describe('State of its lo; the kernel makes it down.'),
  id: z
    .int()
    .min(0)
    .max(0x7fffffff)
    .optional()
    .describe("Number that the host's own namespace knows it by (link-netnsid); it stays until the namespace goes."),
  files: filesField
    .optional()
    .describe('Files that stand for those of /etc inside, by name: {resolv.conf: "nameserver 10.0.0.1\\n"}.'),
  exact: z
    .boolean()
    .default(false)
    .describe('Remove the links, addresses, routes and rules in it that no task of the run before this one asked for.'),
  state: presence.describe('Whether it exists.'),
});
type Params = z.infer<typeof fields>;

interface Lo {
  readonly up: boolean;
  /** The kernel gives lo its address when it first comes up, and leaves it there. */
  readonly addressed: boolean;
}

interface Current {
  readonly exists: boolean;
  /** Links that a removal would take along, without lo. */
  readonly links: readonly string[];
  readonly lo: Lo;
  readonly id: number | undefined;
  /** Another namespace that has the id that this one is to get. */
  readonly holder: string | undefined;
  readonly files: NetnsFiles;
  /** What is in /etc/netns, when it is to go. */
  readonly folder: readonly Entry[];
  readonly rest: Rest;
}

const noIds = { id: undefined, holder: undefined };
const untouched: Lo = { up: false, addressed: false };

async function readLo(host: Host, netns: string): Promise<Lo> {
  const row = (await readRows(host, netns, ['link', 'show', 'dev', 'lo']))[0] ?? {};
  const addressed = rows(row, 'addr_info').some((address) => text(address, 'local') === '127.0.0.1');
  return { up: texts(row, 'flags').includes('UP'), addressed };
}

async function readIds(host: Host, netns: string, wanted?: number): Promise<Pick<Current, 'id' | 'holder'>> {
  const ids = await readRows(host, undefined, ['netns', 'list-id']);
  const own = ids.find((each) => text(each, 'name') === netns);
  const holder = text(ids.find((each) => number(each, 'nsid') === wanted) ?? {}, 'name');
  const isThere = holder !== undefined && holder !== netns && (await host.netnsNames()).includes(holder);
  return { id: own && number(own, 'nsid'), holder: isThere ? holder : undefined };
}

function loStep({ name, lo }: Params, present: Lo): Step[] {
  if (lo === undefined || (lo === 'up') === present.up) return [];
  const set = (state: string) => ({ op: 'ip', netns: name, args: ['link', 'set', 'dev', 'lo', state] }) as const;
  const address = { op: 'ip', netns: name, args: ['address', 'delete', '127.0.0.1/8', 'dev', 'lo'] } as const;
  const undo = [set(present.up ? 'up' : 'down'), ...(lo === 'up' && !present.addressed ? [address] : [])];
  return [{ object: `netns ${name}`, part: 'lo', action: set(lo), undo }];
}

function idAction(name: string, id: number): Action {
  return { op: 'ip', args: ['netns', 'set', name, String(id)] };
}

function idStep({ name, id }: Params, { id: present, holder }: Current): Step[] {
  if (id === undefined || id === present) return [];
  if (present !== undefined) {
    throw new OrchError({
      code: 'task-failed',
      summary: `netns ${name} has the id ${present}, and the kernel does not change it to ${id}.`,
      hint: 'Make the namespace anew, or leave out id.',
    });
  }
  if (holder !== undefined) {
    throw new OrchError({
      code: 'task-failed',
      summary: `netns ${name} can't have the id ${id}: netns ${holder} has it.`,
      hint: 'Say another id, or leave it out.',
    });
  }
  // There is no way to take the id away; it goes with the namespace.
  return [{ object: `netns ${name}`, part: 'id', action: idAction(name, id), undo: [] }];
}

function planPresent(params: Params, current: Current): Plan {
  const { name, lo, id, files = {} } = params;
  const undo = [{ op: 'netns-delete', name }] as const;
  const make: Step[] = current.exists ? [] : [{ object: `netns ${name}`, action: { op: 'netns-add', name }, undo }];
  const later = idStep(params, current);
  const warnings =
    current.exists && later.length > 0 ? [`netns ${name} keeps the id ${id}: destroy cannot take it away`] : [];
  const rest = planRest(current.rest, name);
  const wanted = Object.fromEntries(Object.entries(files).map(([file, text]) => [file, Buffer.from(text, 'utf8')]));
  const said = (state: string, up: boolean, has: number | undefined, contents: Record<string, Uint8Array>) => ({
    state,
    lo: lo === undefined ? undefined : up ? 'up' : 'down',
    id: id === undefined ? undefined : has,
    files: filesView(contents),
  });
  return {
    steps: [...make, ...loStep(params, current.lo), ...later, ...fileSteps(name, files, current.files), ...rest.steps],
    before: current.exists
      ? { ...said('present', current.lo.up, current.id, { ...current.files.contents }), ...(rest.before as object) }
      : { state: 'absent', files: filesView(current.files.contents) },
    after: said('present', lo === 'up', id, wanted),
    warnings: [...warnings, ...(rest.warnings ?? [])],
  };
}

function planAbsent({ name }: Params, { exists, links, id, folder }: Current): Plan {
  const after = { state: 'absent' };
  const files = removalSteps(folder);
  const undo: Action[] = [{ op: 'netns-add', name }, ...(id === undefined ? [] : [idAction(name, id)])];
  const removal: Step = { object: `netns ${name}`, action: { op: 'netns-delete', name }, undo, removes: true };
  const steps = [...(exists ? [removal] : []), ...files.steps];
  const before = exists ? { state: 'present' } : after;
  const held = folder.length === 0 ? {} : { files: folder.map((entry) => entry.path) };
  const lost =
    links.length === 0
      ? []
      : [`${links.join(', ')} in ${name} are removed with it; destroy brings back an empty namespace`];
  return { steps, before: { ...before, ...held }, after, warnings: [...lost, ...files.warnings] };
}

export const module = defineModule({
  name: 'netns',
  form: 'converge',
  summary: 'Makes or removes a named network namespace, with its lo, its id and its files of /etc.',
  notes:
    'A namespace is a file in /run/netns, as `ip netns` makes it. Removing one removes the virtual links inside; ' +
    'physical links go back to the first namespace of the machine. Programs that are started in it (command, shell, ' +
    'ip netns exec) see its `files`, which are in /etc/netns, instead of those of /etc.\n\n' +
    'With `exact: true`, as the last task about a namespace, it is what the tasks before it made of it and nothing else: ' +
    'links, addresses, routes and rules that no task of this run asked for go, and `orch destroy` brings them back. What ' +
    'the kernel made stays: lo, networks of addresses, table local, link-local addresses, the first rules. So do physical ' +
    'links and what a link that was asked for stands on, with a warning. Tasks that a run leaves out (`--tags`, ' +
    '`--start-at-task`, `when`) did not ask. A task after it that asks for more of these is refused.',
  examples: [
    'netns:\n  name: ns01',
    'netns: ns01',
    'netns:\n  name: ns01\n  lo: up\n  id: 101\n  files:\n    resolv.conf: |\n      nameserver 10.0.0.1\n    hosts: |\n      10.0.0.1 gw',
    'netns:\n  name: ns01\n  exact: true',
    'netns:\n  name: ns01\n  state: absent',
  ],
  freeForm: 'name',
  params: fields,
  objects: ({ name, files = {} }) => [`netns ${name}`, ...fileObjects(name, files)],
  makes: (params) => (params.state === 'present' ? [{ kind: 'netns', name: params.name }] : []),

  async read(params, host): Promise<Current> {
    const { name, lo, id, files = {} } = params;
    const exists = (await host.netnsNames()).includes(name);
    const none = { folders: [], contents: {} };
    if (params.state === 'present') {
      return {
        exists,
        links: [],
        lo: exists && lo !== undefined ? await readLo(host, name) : untouched,
        ...(id === undefined ? noIds : await readIds(host, name, id)),
        files: await readFiles(host, name, files),
        folder: [],
        rest: exists && params.exact ? await readRest(host, name) : noRest,
      };
    }
    const folder = await readOwnFolder(host, name);
    const links = exists
      ? (await readRows(host, name, ['link', 'show'])).flatMap((row) => text(row, 'ifname') ?? [])
      : [];
    return {
      exists,
      links: links.filter((link) => link !== 'lo'),
      lo: untouched,
      ...(exists ? await readIds(host, name) : noIds),
      files: none,
      folder,
      rest: noRest,
    };
  },

  plan: (params, current) => (params.state === 'present' ? planPresent(params, current) : planAbsent(params, current)),
});
