import * as z from 'zod';
import { checked } from '../../../agent/modules/shared/fields.ts';
import { shellWords } from '../../../agent/modules/shared/shell-words.ts';
import { taken } from '../../../agent/modules/shared/taken.ts';

const place = z.string().min(1);
const flag = z.boolean();
const part = (what: string) => flag.optional().describe(`${what}; default: as archive says.`);
const connection = taken('rsync goes through the connection that orch has to the host');

export const synchronizeParams = z.strictObject({
  src: place.describe(
    'What is brought, as rsync(1) has it: a folder with a slash at its end is its content. On the workstation it is looked for as by copy.',
  ),
  dest: place.describe('Where it is brought; on the workstation relative to the playbook.'),
  mode: z
    .enum(['push', 'pull'])
    .default('push')
    .describe('push: from the workstation (or delegate_to) to the host of the task; pull: from that to here.'),
  archive: flag.default(true).describe('recursive, links, perms, times, owner and group, and devices.'),
  recursive: part('Folders with what is in them'),
  links: part('Symlinks as such'),
  copy_links: flag.default(false).describe('What symlinks lead to in their place.'),
  perms: part('Permissions'),
  times: part('Times of change'),
  owner: part('Owners, where the receiving side is root'),
  group: part('Groups'),
  checksum: flag.default(false).describe('Compare contents, not sizes and times.'),
  compress: flag.default(true).describe('Compress what is sent.'),
  existing_only: flag.default(false).describe('Make no files that are not there.'),
  delete: flag.default(false).describe('Delete what the source does not have, when all else is done; needs recursive.'),
  dirs: flag.default(false).describe('Folders without what is in them.'),
  partial: flag.default(false).describe('Keep what was brought of a file when it breaks off.'),
  delay_updates: flag.default(true).describe('Put all files in their place at the end.'),
  link_dest: z.array(z.string()).default([]).describe('Folders of the receiving side to make hard links to.'),
  rsync_path: checked((text) => (shellWords(text)?.length ? undefined : 'is no command'))
    .optional()
    .describe('The rsync of the other side, with words before it: "sudo rsync".'),
  rsync_timeout: z.int().min(0).default(0).describe('Seconds without any data after which it fails; 0: none.'),
  rsync_opts: z.array(z.string()).default([]).describe('More options of rsync, with quotes as in a shell.'),
  dest_port: connection,
  private_key: connection,
  set_remote_user: connection,
  ssh_connection_multiplexing: connection,
  use_ssh_args: connection,
  verify_host: taken("hosts' keys are always checked"),
});
export type SynchronizeParams = z.infer<typeof synchronizeParams>;

/** Stands before each line of what changed. */
export const changeMark = '<<CHANGED>>';

const options = ['checksum', 'copy_links', 'partial', 'dirs'] as const;
/** Those that archive has. */
const archived = ['recursive', 'links', 'perms', 'times', 'owner', 'group'] as const;

/** Options of rsync that carry out what a task says. */
export function rsyncOptions(params: SynchronizeParams, check: boolean): readonly string[] {
  const { archive, rsync_timeout, rsync_path, link_dest } = params;
  const when = (holds: boolean, option: string) => (holds ? [option] : []);
  const parts = archived.flatMap((name) => {
    const wanted = params[name] ?? archive;
    return wanted === archive ? [] : [`--${wanted ? '' : 'no-'}${name}`];
  });
  return [
    ...when(params.delay_updates, '--delay-updates'),
    '-F',
    ...when(params.compress, '--compress'),
    ...when(rsync_timeout > 0, `--timeout=${rsync_timeout}`),
    ...when(check, '--dry-run'),
    ...when(params.delete, '--delete-after'),
    ...when(params.existing_only, '--existing'),
    ...options.flatMap((name) => when(params[name], `--${name.replace('_', '-')}`)),
    ...when(archive, '--archive'),
    ...parts,
    ...(rsync_path === undefined ? [] : [`--rsync-path=${rsync_path}`]),
    // A hard link that was made is told of only this way.
    ...(link_dest.length > 0 ? ['-H', '-vv'] : []),
    ...link_dest.map((folder) => `--link-dest=${folder}`),
    ...params.rsync_opts.flatMap((option) => shellWords(option) ?? [option]),
    `--out-format=${changeMark}%i %n%L`,
  ];
}

/** Words as `rsync --rsh` splits them: quotes, and doubled ones within. */
export function rshText(words: readonly string[]): string {
  return words.map((word) => (/[\s'"]/.test(word) ? `"${word.replaceAll('"', '""')}"` : word)).join(' ');
}

/** A place on another side, for its own rsync: from the folder `cwd` on, which is a home ("~user"; undefined: the login's). */
export interface PlaceThere {
  readonly cwd: string | undefined;
  readonly path: string;
}

/** What a path is there: no shell stands between that would know of homes. */
export function placeThere(path: string): PlaceThere {
  if (path.startsWith('/')) return { cwd: '/', path };
  const [, user = '', rest = ''] = /^(?:~([^/]*)(?:\/|$))?(.*)$/s.exec(path) ?? [];
  return { cwd: user === '' ? undefined : `~${user}`, path: `./${rest}` };
}

/** Whether rsync speaks its own protocol with a server there. */
export function isServed(place: string): boolean {
  return /^rsync:\/\/|^[^/]*::/.test(place);
}
