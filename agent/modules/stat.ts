import * as z from 'zod';
import type { FileState, Host } from '../linux/host.ts';
import { defineRunModule } from './module.ts';
import { pathOrNone } from './shared/fields.ts';
import { checksumAlgorithm, checksumOf, fileInfo, Names } from './shared/files/file-info.ts';
import { behindLinks, endOfLinks } from './shared/files/links.ts';
import { tidy } from './shared/files/path.ts';

const params = z.strictObject({
  path: pathOrNone.describe('The file or folder.'),
  follow: z.boolean().default(false).describe('Look at what a symbolic link leads to.'),
  get_checksum: z.boolean().default(true).describe('Tell the checksum of a regular file.'),
  checksum_algorithm: checksumAlgorithm,
  get_mime: z.boolean().default(true).describe('Tell its type and character set, where the host has file(1).'),
  get_attributes: z.boolean().default(true).describe('Tell its attributes, where the host has lsattr(1).'),
});
type Params = z.infer<typeof params>;

/** Says of each permission that the task's user has on $1 its letter; it is the kernel's own answer. */
const permissions = 'for may in r w x; do [ -$may "$1" ] && printf $may; done; true';

async function access(host: Host, path: string) {
  const argv = ['sh', '-c', permissions, 'sh', path];
  const { stdout } = await host.exec({ argv, runAs: host.runAs }, { onlyReads: true });
  return { readable: stdout.includes('r'), writeable: stdout.includes('w'), executable: stdout.includes('x') };
}

/** What a program that may be missing says; undefined where it says nothing. */
async function said(host: Host, argv: readonly string[]): Promise<string | undefined> {
  try {
    const { status, stdout } = await host.exec({ argv, runAs: host.runAs }, { onlyReads: true });
    return status === 0 ? stdout.trim() : undefined;
  } catch {
    return undefined;
  }
}

async function mime(host: Host, path: string) {
  const words = await said(host, ['file', '--brief', '--mime-type', '--mime-encoding', path]);
  const [, mimetype = 'unknown', charset = 'unknown'] = /^(.*); charset=(.*)$/.exec(words ?? '') ?? [];
  return { mimetype, charset };
}

/** Names of the letters of lsattr(1) that occur, as chattr(1) explains them. */
const attributeNames: Readonly<Record<string, string>> = {
  ...{
    A: 'noatime',
    a: 'append',
    c: 'compressed',
    C: 'nocow',
    d: 'nodump',
    D: 'dirsync',
    e: 'extents',
    E: 'encrypted',
  },
  ...{ h: 'blocksize', i: 'immutable', I: 'indexed', j: 'journalled', N: 'inline', s: 'zero', S: 'synchronous' },
  ...{ t: 'notail', T: 'blockroot', u: 'undelete', X: 'compressedraw', Z: 'compresseddirty' },
};

async function attributes(host: Host, path: string) {
  const words = await said(host, ['lsattr', '-vd', path]);
  const [version = '', flags = ''] = words?.split(/\s+/) ?? [];
  const letters = flags.replaceAll('-', '');
  const known = [...letters].flatMap((letter) => attributeNames[letter] ?? []);
  return { version: version === '' ? null : version, attributes: known, attr_flags: letters };
}

async function about(params: Params, host: Host, path: string, state: FileState) {
  const regular = state.kind === 'file';
  const link =
    state.kind === 'symlink' ? { lnk_source: (await endOfLinks(host, path)) ?? path, lnk_target: state.target } : {};
  const may = await access(host, path);
  const sum = params.get_checksum && regular && may.readable;
  const checksum = sum ? await checksumOf(host, path, params.checksum_algorithm) : undefined;
  return {
    exists: true,
    ...(await fileInfo(params.path, state, new Names(host))),
    ...{ blocks: state.blocks ?? 0, block_size: state.blockSize ?? 4096, device_type: state.device ?? 0 },
    ...may,
    ...link,
    ...(checksum === undefined ? {} : { checksum }),
    ...(params.get_mime ? await mime(host, path) : {}),
    ...(params.get_attributes ? await attributes(host, path) : {}),
  };
}

export const module = defineRunModule({
  name: 'stat',
  asUser: true,
  form: 'run',
  checkMode: 'run',
  summary: 'Tells what a path is: kind, permissions, owner, times, checksum.',
  notes: 'The result is `stat`, with `exists: false` alone where there is nothing.',
  examples: ['stat:\n  path: /etc/frr/frr.conf', 'stat:\n  path: /etc/localtime\n  follow: true\n  get_mime: false'],
  aliases: {
    ...{ dest: 'path', name: 'path', mime: 'get_mime', mime_type: 'get_mime', 'mime-type': 'get_mime' },
    ...{
      attr: 'get_attributes',
      attributes: 'get_attributes',
      checksum: 'checksum_algorithm',
      checksum_algo: 'checksum_algorithm',
    },
  },
  params,
  async run(params, host) {
    const named = tidy(params.path);
    // As for the kernel, what ends with a slash is no link itself.
    const path = params.follow || params.path.endsWith('/') ? await behindLinks(host, named) : named;
    const state = params.path === '' ? undefined : await host.stat(path);
    const stat = state === undefined ? { exists: false } : await about(params, host, path, state);
    return { changed: false, result: { stat } };
  },
});
