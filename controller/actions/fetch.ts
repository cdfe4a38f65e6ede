import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, normalize, resolve } from 'node:path';
import * as z from 'zod';
import { hostPath } from '../../agent/modules/shared/fields.ts';
import { OrchError } from '../../proto/errors.ts';
import { type ActionResult, defineAction } from './action.ts';

const params = z.strictObject({
  src: hostPath.describe('The file on the host.'),
  dest: z.string().min(1).describe('Folder on the workstation; relative to the playbook.'),
  flat: z
    .boolean()
    .default(false)
    .describe(
      'Put it just there: at `dest`, or under its own name where that ends with a slash; else at dest/HOST/its path.',
    ),
  fail_on_missing: z.boolean().default(true).describe('Fail where the host has no such file.'),
  validate_checksum: z.boolean().default(true).describe('Taken for the sake of old playbooks: the file comes by TLS.'),
});
type Params = z.infer<typeof params>;

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

/** Where the file goes on the workstation. Throws OrchError where that is no place for it. */
async function target({ src, dest, flat }: Params, host: string, playbookDir: string): Promise<string> {
  const folder = resolve(playbookDir, dest);
  // A host's name, too, is only the name of a folder.
  const path = flat
    ? dest.endsWith('/')
      ? join(folder, basename(src))
      : folder
    : join(folder, host.replaceAll('/', '_'), normalize(src));
  if (!(await isFolder(path))) return path;
  throw new OrchError({
    code: 'task-failed',
    summary:
      flat && !dest.endsWith('/')
        ? 'dest is an existing directory, use a trailing slash if you want to fetch src into that directory'
        : `calculated dest '${path}' is an existing directory, use another path that does not point to an existing directory`,
  });
}

/** Written under another name and renamed. What comes from a host may be private: it is the user's own. */
async function write(path: string, content: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.orch-${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(temporary, content, { mode: 0o600, flag: 'wx' });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function missing({ src, fail_on_missing }: Params, slurped: ActionResult): ActionResult {
  const found = String(slurped.result.msg);
  const folder = found.startsWith('Source is a directory');
  if (!folder && !found.startsWith('File not found')) return slurped;
  const message = folder
    ? 'remote file is a directory, fetch cannot work on directories'
    : 'the remote file does not exist, not transferring, ignored';
  if (fail_on_missing) return { ...slurped, message, result: { ...slurped.result, msg: message } };
  const ignored = folder ? `${message}, not transferring, ignored` : message;
  return { status: 'ok', message: ignored, result: { file: src, changed: false } };
}

export const action = defineAction({
  name: 'fetch',
  summary: 'Brings a file of the host to the workstation.',
  notes: 'Of up to 16 MiB. Check mode skips it. What is written is readable by its owner alone.',
  examples: [
    'fetch:\n  src: /var/log/frr/frr.log\n  dest: logs',
    'fetch:\n  src: /etc/hosts\n  dest: out/\n  flat: true',
  ],
  params,
  run: async (params, context) => {
    if (context.check)
      return { status: 'skipped', message: 'check mode not (yet) supported for this module', result: {} };
    const slurped = await context.agent('slurp', { src: params.src });
    if (slurped.status === 'failed') return missing(params, slurped);
    const content = Buffer.from(String(slurped.result.content), 'base64');
    const dest = await target({ ...params, src: String(slurped.result.source) }, context.host, context.playbookDir);
    const sums = { checksum: sum('sha1', content), md5sum: sum('md5', content) };
    const present = await readFile(dest).catch(() => undefined);
    if (present?.equals(content)) return { status: 'ok', result: { ...sums, dest, file: params.src, changed: false } };
    await write(dest, content);
    const remote = { remote_checksum: sums.checksum, remote_md5sum: null };
    return { status: 'changed', result: { ...sums, ...remote, dest, changed: true } };
  },
});

function sum(algorithm: string, content: Buffer): string {
  return createHash(algorithm).update(content).digest('hex');
}
