import * as z from 'zod';
import { OrchError } from '../../proto/errors.ts';
import { defineModule } from './module.ts';
import { fileAction } from './shared/files/steps.ts';

const zones = '/usr/share/zoneinfo';
const [link, file] = ['/etc/localtime', '/etc/timezone'];

interface Current {
  /** What /etc/localtime points at; undefined: it is no link. */
  readonly target: string | undefined;
  /** Its content where it is a file of its own. */
  readonly copy: Buffer | undefined;
  /** Content of /etc/timezone, where the host has it. */
  readonly kept: string | undefined;
}

export const module = defineModule({
  name: 'timezone',
  form: 'converge',
  summary: "Sets the host's time zone.",
  notes: 'As community.general.timezone, but for the hardware clock, which stays as it is.',
  examples: ['timezone:\n  name: Europe/Berlin'],
  params: z.strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/, 'is no name of a time zone')
      .describe('The zone, as a file of /usr/share/zoneinfo.'),
  }),
  objects: () => [`file ${link}`, `file ${file}`],

  async read({ name }, host): Promise<Current> {
    const zone = await host.stat(`${zones}/${name}`);
    if (zone === undefined || zone.kind === 'directory') {
      throw new OrchError({
        code: 'missing-object',
        summary: `given timezone "${name}" is not available`,
        hint: 'Names are those of /usr/share/zoneinfo; the package tzdata brings them.',
      });
    }
    const state = await host.stat(link);
    const kept = await host.readFile(file);
    const copy = state?.kind === 'file' ? await host.readFile(link) : undefined;
    return { target: state?.kind === 'symlink' ? state.target : undefined, copy, kept: kept?.toString('utf8') };
  },

  plan({ name }, { target, copy, kept }) {
    const point = (to: string) => fileAction({ do: 'symlink', path: link, target: to });
    const write = (text: string | Buffer, path = file) =>
      fileAction({ do: 'write', path, content: Buffer.from(text).toString('base64') });
    const wanted = `${zones}/${name}`;
    const zoneOf = (path: string | undefined) => path?.replace(/^(?:\.\.)?\/usr\/share\/zoneinfo\//, '');
    const gone = copy === undefined ? fileAction({ do: 'unlink', path: link }) : write(copy, link);
    const undo = [target === undefined ? gone : point(target)];
    const steps = [
      ...(zoneOf(target) === name ? [] : [{ object: `file ${link}`, action: point(wanted), undo }]),
      ...(kept === undefined || kept === `${name}\n`
        ? []
        : [{ object: `file ${file}`, action: write(`${name}\n`), undo: [write(kept)] }]),
    ];
    const before = { zone: zoneOf(target) ?? null };
    return { steps, before, after: steps.length === 0 ? before : { zone: name }, result: { name } };
  },
});
