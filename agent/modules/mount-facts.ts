import * as z from 'zod';
import type { Host } from '../linux/host.ts';
import { defineRunModule } from './module.ts';
import { uuidOf, uuidsOf } from './shared/facts/devices.ts';
import { mountOf, sizesOf } from './shared/facts/mounts.ts';
import { readText } from './shared/facts/read.ts';
import { fitsGlob } from './shared/glob.ts';
import { ask, taskFailed } from './shared/programs.ts';

/** Where Linux tells what is mounted, and what is to be. */
const dynamic = ['/etc/mtab', '/proc/mounts'];
const fixed = ['/etc/fstab'];

/** The source that is what `mount_binary` tells. */
const programSource = 'mount';

const fields = z.strictObject({
  sources: z
    .array(z.string().min(1, 'sources contains an empty string'))
    .optional()
    .describe(
      'Files and programs that tell mounts, the first that tells of a mount point counts; dynamic: what is mounted, static: /etc/fstab, all: both.',
    ),
  devices: z.array(z.string()).optional().describe('Only mounts of devices that one of these shell patterns fits.'),
  fstypes: z
    .array(z.string())
    .optional()
    .describe('Only mounts of file systems that one of these shell patterns fits.'),
  mount_binary: z
    .string()
    .nullable()
    .default('mount')
    .describe('Program that tells what is mounted, where it is a source, or no file tells that.'),
  timeout: z
    .number()
    .positive('must be a positive number or null')
    .nullable()
    .optional()
    .describe('Seconds that one mount may take to tell its sizes; default: 30.'),
  on_timeout: z.enum(['error', 'warn', 'ignore']).default('error').describe('What a mount that takes longer is.'),
  include_aggregate_mounts: z
    .boolean()
    .nullable()
    .optional()
    .describe('Tell all mounts of each mount point, too; without a word there is a warning where there are several.'),
});
type Params = z.infer<typeof fields>;

interface Mount {
  readonly mount: string;
  readonly device: string;
  readonly fstype: string;
  readonly [key: string]: unknown;
}

interface Source {
  readonly name: string;
  readonly mounts: readonly Mount[];
}

/** Lines of fstab(5) and of /proc/mounts. */
function mountsOfTable(source: string, text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const found = mountOf(line);
    return found === undefined ? [] : [{ ...found, ansible_context: { source, source_data: line } }];
  });
}

/** Lines of mount(8): `proc on /proc type proc (rw,relatime)`. */
function mountsOfProgram(source: string, text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const [, device = '', mount, fstype = '', options] = /^(.+?) on (.+) type (\S+) \((.*)\)/.exec(line) ?? [];
    return mount === undefined
      ? []
      : [{ device, mount, fstype, options, ansible_context: { source, source_data: line } }];
  });
}

async function sourcesOf({ sources = ['all'], mount_binary: program }: Params, host: Host): Promise<Source[]> {
  const found: Source[] = [];
  const texts = new Set<string>();
  const read = async (name: string): Promise<void> => {
    const text = await readText(host, name);
    // A program is no table, and /etc/mtab leads to /proc/mounts.
    if (text === '' || text.includes('\0') || texts.has(text)) return;
    texts.add(text);
    found.push({ name, mounts: mountsOfTable(name, text) });
  };
  const run = async (name: string): Promise<void> => {
    if (found.some((source) => source.name === programSource)) return;
    const { stdout } = await ask(host, [name]);
    found.push({ name: programSource, mounts: mountsOfProgram(programSource, stdout) });
  };
  for (const name of sources) {
    if (name === 'dynamic' || name === 'all') {
      const before = found.length;
      for (const file of dynamic) await read(file);
      if (found.length === before && program !== null) await run(program);
    }
    if (name === 'static' || name === 'all') for (const file of fixed) await read(file);
    if (name === programSource) {
      if (program !== null) await run(program);
    } else if (!['dynamic', 'static', 'all'].includes(name)) await read(name);
  }
  return found;
}

function fits(text: string, patterns: readonly string[] | undefined): boolean {
  return patterns?.some((pattern) => fitsGlob(pattern, text)) ?? true;
}

export const module = defineRunModule({
  name: 'mount_facts',
  form: 'run',
  checkMode: 'run',
  summary: 'Gathers what is mounted, and what is to be.',
  notes:
    'The fact `mount_points` has the first mount of each mount point, `aggregate_mounts` all. Each says in `ansible_context` where it was read.',
  examples: ['mount_facts:', 'mount_facts:\n  fstypes: ["nfs*"]\n  timeout: 5\n  on_timeout: warn'],
  params: fields,

  async run(params, host) {
    const { devices, fstypes, timeout, on_timeout: patience, include_aggregate_mounts: aggregate } = params;
    const uuids = await uuidsOf(host);
    const warnings: string[] = [];
    const seconds = timeout ?? 30;
    const whole = async (mount: Mount): Promise<Mount> => {
      const { sizes, late } = await sizesOf(host, [mount.mount], seconds * 1000);
      const problem = `Timed out getting mount size for mount ${mount.mount} (type ${mount.fstype}) after ${seconds} seconds`;
      if (late && patience === 'error') throw taskFailed(problem);
      if (late && patience === 'warn') warnings.push(problem);
      return { ...mount, ...sizes.get(mount.mount), uuid: (await uuidOf(host, mount.device, uuids)) ?? null };
    };
    const all: Mount[] = [];
    const repeats: string[] = [];
    for (const { name, mounts } of await sourcesOf(params, host)) {
      const chosen = mounts.filter(({ device, fstype }) => fits(device, devices) && fits(fstype, fstypes));
      const points = chosen.map(({ mount }) => mount);
      if (new Set(points).size < points.length)
        repeats.push(`${name} ([${points.map((point) => `'${point}'`).join(', ')}])`);
      all.push(...(await Promise.all(chosen.map(whole))));
    }
    if (repeats.length > 0 && (aggregate ?? null) === null)
      warnings.push(
        `mount_facts: ignoring repeat mounts in the following sources: ${repeats.join('; ')}. You can disable this warning by configuring the 'include_aggregate_mounts' option as True or False.`,
      );
    const points = Object.fromEntries(all.toReversed().map((mount) => [mount.mount, mount]));
    const facts = { mount_points: points, aggregate_mounts: aggregate === true ? all : [] };
    return { changed: false, warnings, result: { ansible_facts: facts } };
  },
});
