import { OrchError } from '../../proto/errors.ts';
import type { Host } from '../linux/host.ts';
import { defineModule } from './module.ts';
import { type AssembleParams, assembled, assembleParams, partsOf } from './shared/files/assemble.ts';
import { md5, sha1 } from './shared/files/content.ts';
import { asTaskFailure } from './shared/files/edit.ts';
import { ownerAliases } from './shared/files/owner.ts';
import { joined, tidy } from './shared/files/path.ts';
import { type Placed, placedPlan, readPlaced } from './shared/files/placed.ts';

interface Current extends Placed {
  readonly wanted: Buffer;
}

/** The file that is made may lie among its parts, and is none of them: else each run would add to it what it has. */
async function parts(params: AssembleParams, host: Host, made: string): Promise<Buffer[]> {
  const folder = tidy(await host.absolute(params.src));
  const names = await host.readDir(folder);
  if (names === undefined) {
    const why = (await host.stat(folder)) === undefined ? 'does not exist' : 'is not a directory';
    throw new OrchError({ code: 'missing-object', summary: `Source (${params.src}) ${why}` });
  }
  const found: Buffer[] = [];
  for (const name of asTaskFailure(() => partsOf(names, params))) {
    const path = joined(folder, name);
    if (path === made || (await host.stat(path))?.kind === 'directory') continue;
    const content = await host.readFile(path);
    if (content !== undefined) found.push(content);
  }
  return found;
}

export const module = defineModule({
  name: 'assemble',
  asUser: true,
  aliases: ownerAliases,
  form: 'converge',
  tellsFile: true,
  summary: 'Makes one file of all the files in a folder.',
  notes:
    'In the order of their names, without the file itself where it lies among them. `orch destroy` brings back the old content up to 1 MiB.',
  examples: ['assemble:\n  src: /etc/frr/frr.conf.d\n  dest: /etc/frr/frr.conf\n  validate: vtysh -C -f %s'],
  params: assembleParams,
  objects: (_params, { path }: Current) => [`file ${path}`],

  async read(params, host): Promise<Current> {
    const placed = await readPlaced(params, host, tidy(params.dest));
    return { ...placed, wanted: assembled(await parts(params, host, placed.path), params.delimiter) };
  },

  plan(params, current) {
    const plan = placedPlan(params, current);
    const about = {
      src: params.src,
      dest: current.path,
      checksum: sha1(current.wanted),
      md5sum: md5(current.wanted),
      msg: 'OK',
    };
    return { ...plan, result: { ...about, ...plan.result } };
  },
});
