import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, normalize, resolve } from 'node:path';
import * as z from 'zod';
import { hostPath } from '../../agent/modules/shared/fields.ts';
import { type Digest, Digester, digestOf } from '../../proto/digest.ts';
import { OrchError } from '../../proto/errors.ts';
import { hostFileName } from '../host-file-name.ts';
import { fromHome } from '../source/from-home.ts';
import { type ActionContext, type ActionResult, defineAction } from './action.ts';

const params = z.strictObject({
  src: hostPath.describe('The file on the host.'),
  dest: z.string().min(1).describe('Folder on the workstation; relative to the playbook, or below `~`.'),
  flat: z
    .boolean()
    .default(false)
    .describe(
      'Put it just there: at `dest`, or under its own name where that ends with a slash; else at dest/HOST/its path.',
    ),
  fail_on_missing: z.boolean().default(true).describe('Fail where the host has no such file.'),
  validate_checksum: z.boolean().default(true).describe('Fail where the file changes while it is fetched.'),
});
type Params = z.infer<typeof params>;

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

/** Where the file goes on the workstation. `source`: what the host calls it. Throws OrchError where that is no place for it. */
async function target({ src, dest, flat }: Params, source: string, context: ActionContext): Promise<string> {
  const folder = resolve(context.playbookDir, fromHome(dest));
  // From a root on no `..` leads up: nothing that a host says leads out of its folder.
  const path = flat
    ? dest.endsWith('/')
      ? join(folder, basename(src))
      : folder
    : join(folder, hostFileName(context.host), normalize(`/${source}`));
  if (!(await isFolder(path))) return path;
  throw new OrchError({
    code: 'task-failed',
    summary:
      flat && !dest.endsWith('/')
        ? 'dest is an existing directory, use a trailing slash if you want to fetch src into that directory'
        : `calculated dest '${path}' is an existing directory, use another path that does not point to an existing directory`,
  });
}

const sums = ['md5', 'sha1'] as const;
type Whole = Digest<(typeof sums)[number]>;

const saidShape = z.object({
  content: z.string(),
  source: z.string(),
  /** Where it comes in pieces. */
  whole: z.object({ size: z.number(), sums: z.object({ md5: z.string(), sha1: z.string() }) }).optional(),
});

/** What the host says of a file, and its first piece. Throws OrchError for what says nothing. */
function said(result: unknown): z.infer<typeof saidShape> {
  const { success, data } = saidShape.safeParse(result);
  if (success) return data;
  throw new OrchError({ code: 'task-failed', summary: 'The agent does not say what the file is.' });
}

/** Makes a folder and those above it, one by one: Node's own way to do that never ends below /proc. */
async function makeFolders(path: string): Promise<void> {
  if (await isFolder(path)) return;
  await makeFolders(dirname(path));
  await mkdir(path).catch(async (error: unknown) => {
    // Another host's file may be on its way there, too.
    if (!(await isFolder(path))) throw error;
  });
}

/** Written under another name and renamed, where `isWhole` accepts it. What comes from a host may be private: it is the user's own. */
async function write(
  path: string,
  pieces: AsyncIterable<Buffer>,
  isWhole: (written: Whole) => boolean,
): Promise<Whole> {
  await makeFolders(dirname(path));
  const temporary = `${path}.orch-${randomBytes(6).toString('hex')}`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    const digester = new Digester(sums);
    for await (const piece of pieces) {
      digester.add(piece);
      await file.writeFile(piece);
    }
    const written = digester.end();
    if (isWhole(written)) await rename(temporary, path);
    return written;
  } finally {
    await file.close();
    await rm(temporary, { force: true });
  }
}

/** The file as the host sends it, after its first piece. */
async function* pieces(
  src: string,
  first: Buffer,
  { size }: Whole,
  context: Pick<ActionContext, 'agent'>,
): AsyncGenerator<Buffer> {
  yield first;
  for (let from = first.length; from < size; ) {
    const { status, result } = await context.agent('slurp', { src, piece: from });
    const piece = Buffer.from(String(result.content ?? ''), 'base64');
    if (status === 'failed' || piece.length === 0) {
      const summary = status === 'failed' ? String(result.msg) : `${src} became smaller while it was fetched.`;
      throw new OrchError({ code: 'task-failed', summary });
    }
    from += piece.length;
    yield piece;
  }
}

function missing({ src, fail_on_missing }: Params, slurped: ActionResult): ActionResult {
  const found = String(slurped.result.msg);
  const folder = found.startsWith('Source is a directory');
  if (!folder && !found.startsWith('File not found')) {
    if (fail_on_missing || !found.startsWith('File is not readable')) return slurped;
    return { status: 'ok', message: `${found}, ignored`, result: { file: src, changed: false } };
  }
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
  notes: 'Check mode skips it. What is written is readable by its owner alone.',
  examples: [
    'fetch:\n  src: /var/log/frr/frr.log\n  dest: logs',
    'fetch:\n  src: /etc/hosts\n  dest: out/\n  flat: true',
  ],
  params,
  run: async (params, context) => {
    if (context.check)
      return { status: 'skipped', message: 'check mode not (yet) supported for this module', result: {} };
    const slurped = await context.agent('slurp', { src: params.src, piece: 0 });
    if (slurped.status === 'failed') return missing(params, slurped);
    const { content, source, whole: told } = said(slurped.result);
    const first = Buffer.from(content, 'base64');
    const dest = await target(params, source, context);
    const whole = told ?? (await digestOf([first], sums));
    const { sha1: checksum, md5: md5sum } = whole.sums;
    const present = await digestOf(createReadStream(dest), sums).catch(() => undefined);
    if (present?.sums.sha1 === checksum)
      return { status: 'ok', result: { checksum, md5sum, dest, file: params.src, changed: false } };
    const isWhole = ({ sums: { sha1 } }: Whole) => sha1 === checksum || !params.validate_checksum;
    const written = await write(dest, pieces(source, first, whole, context), isWhole);
    const remote = { remote_checksum: checksum, remote_md5sum: null };
    const { sha1, md5 } = written.sums;
    const result = { checksum: sha1, md5sum: md5, ...remote, dest };
    if (isWhole(written)) return { status: 'changed', result: { ...result, changed: true } };
    return { status: 'failed', message: 'checksum mismatch', result: { ...result, file: params.src, changed: false } };
  },
});
