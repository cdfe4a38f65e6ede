import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileAction } from '../../agent/linux/action.ts';
import { applyFileAction } from '../../agent/linux/files/file-actions.ts';
import { fileState, readWholeFile } from '../../agent/linux/files/files.ts';

const nobody = 65_534;
const root = mkdtempSync(join(tmpdir(), 'orch-files-'));

beforeEach(() => {
  mkdirSync(join(root, 'ours'));
  mkdirSync(join(root, 'theirs'));
  writeFileSync(join(root, 'ours/secret'), 'secret', { mode: 0o600 });
});
afterEach(() => {
  for (const folder of ['ours', 'theirs']) rmSync(join(root, folder), { recursive: true });
});
afterAll(() => rmSync(root, { recursive: true }));

const at = (path: string) => join(root, path);
const content = Buffer.from('x').toString('base64');

/** A link in a user's folder to what is not that user's; without root the user is oneself, and the aim is root's. */
function hostileLink(path: string, aim: string): void {
  const asRoot = process.geteuid?.() === 0;
  symlinkSync(asRoot ? at(aim) : aim === 'ours' ? '/etc' : '/etc/passwd', at(path));
  if (asRoot) for (const theirs of ['theirs', path]) lchownSync(at(theirs), nobody, nobody);
}

it('knows whose word a link is that root looks at', async () => {
  hostileLink('theirs/link', 'ours');
  symlinkSync(at('theirs'), at('ours/link'));
  const asRoot = process.geteuid?.() === 0;
  expect((await fileState(at('theirs/link')))?.maker).toBe(asRoot ? nobody : undefined);
  expect((await fileState(at('ours/link')))?.maker).toBeUndefined();
});

it('finds nothing behind a link that leads to itself', async () => {
  symlinkSync(at('ours/a/b'), at('ours/a'));
  expect(await fileState(at('ours/a/b'))).toBeUndefined();
  expect(await fileState(at('ours/a'))).toMatchObject({ kind: 'symlink' });
});

it('writes into a file that can’t be replaced only where that is said', async (context) => {
  const file = at('ours/secret');
  if (spawnSync('mount', ['--bind', file, file]).status !== 0) return context.skip('mounts need root');
  try {
    const write = { do: 'write', path: file, content, mode: 0o640 } as const;
    await expect(applyFileAction(write)).rejects.toThrow('EBUSY');
    await applyFileAction({ ...write, unsafe: true });
    expect(readFileSync(file, 'utf8')).toBe('x');
    expect((await fileState(file))?.mode).toBe(0o640);
    const refused = { ...write, content: '', unsafe: true, validate: ['false', '%s'] };
    await expect(applyFileAction(refused)).rejects.toThrow('failed to validate');
    expect(readFileSync(file, 'utf8')).toBe('x');
    expect(readdirSync(at('ours'))).toEqual(['secret']);
  } finally {
    spawnSync('umount', [file]);
  }
});

it('writes nothing that its program could not see, even where that is said', async (context) => {
  const [folder, file] = [at('ours'), at('ours/secret')];
  if (spawnSync('chattr', ['+i', folder]).status !== 0)
    return context.skip('this file system knows no immutable folders');
  try {
    const write = { do: 'write', path: file, content, mode: 0o640, unsafe: true } as const;
    const before = readFileSync(file, 'utf8');
    await expect(applyFileAction({ ...write, validate: ['true', '%s'] })).rejects.toThrow('EPERM');
    expect(readFileSync(file, 'utf8')).toBe(before);
    await applyFileAction(write);
    expect(readFileSync(file, 'utf8')).toBe('x');
  } finally {
    spawnSync('chattr', ['-i', folder]);
  }
});

it.each([
  ['folder', (path: string) => mkdirSync(path)],
  ['link', (path: string) => symlinkSync('secret', path)],
  ['pipe that nobody reads', (path: string) => spawnSync('mkfifo', [path])],
])('gives a %s the time of now', async (_, make) => {
  const [path, beside] = [at('ours/it'), at('ours/secret')];
  make(path);
  for (const each of [path, beside]) await applyFileAction({ do: 'times', path: each, atime: 0, mtime: 0 });
  await applyFileAction({ do: 'touch', path });
  expect((await fileState(path))?.mtimeMs).toBeGreaterThan(Date.now() - 60_000);
  expect((await fileState(beside))?.mtimeMs).toBe(0);
});

it('makes a folder with just the mode that is said, whatever it has of itself', async () => {
  chmodSync(at('ours'), 0o2775);
  for (const mode of [0o755, 0o2755, 0o777]) {
    await applyFileAction({ do: 'mkdir', path: at(`ours/${mode}`), mode });
    expect((await fileState(at(`ours/${mode}`)))?.mode).toBe(mode);
  }
});

describe('a link of one user to what is another’s', () => {
  const actions = (path: string): FileAction[] => [
    { do: 'write', path: `${path}/new`, content, mode: 0o644 },
    { do: 'mkdir', path: `${path}/new` },
    { do: 'touch', path: `${path}/new`, mode: 0o644 },
    { do: 'times', path: `${path}/secret`, atime: 0, mtime: 'now' },
    { do: 'symlink', path: `${path}/new`, target: '/etc/passwd' },
    { do: 'link', path: `${path}/new`, target: at('ours/secret') },
    { do: 'link', path: at('theirs/new'), target: `${path}/secret` },
    { do: 'unlink', path: `${path}/secret` },
    { do: 'mode', path: `${path}/secret`, mode: 0o666 },
    { do: 'owner', path: `${path}/secret`, uid: nobody, gid: nobody },
  ];

  it.each([...new Set(actions('').map((action) => action.do))])('does not lead %s astray', async (verb) => {
    hostileLink('theirs/way', 'ours');
    const before = lstatSync(at('ours/secret'));
    for (const action of actions(at('theirs/way')).filter((each) => each.do === verb)) {
      await expect(applyFileAction(action)).rejects.toMatchObject({
        code: 'task-failed',
        summary: expect.stringContaining('leads through a link of user'),
      });
    }
    expect(readdirSync(at('ours'))).toEqual(['secret']);
    expect(lstatSync(at('ours/secret'))).toEqual(before);
    expect(existsSync(at('theirs/new'))).toBe(false);
  });

  it('is not read through, at the end of a path or on the way', async () => {
    hostileLink('theirs/file', 'ours/secret');
    hostileLink('theirs/way', 'ours');
    for (const path of ['theirs/file', 'theirs/way/secret']) {
      await expect(readWholeFile(at(path))).rejects.toThrow(
        /leads through a link of user .* to .*, which is not that user's/,
      );
    }
  });
});

describe('a link of root’s, or to what its maker owns', () => {
  it('is followed', async () => {
    symlinkSync('../ours', at('theirs/way'));
    symlinkSync('way/secret', at('theirs/file'));
    await applyFileAction({ do: 'write', path: `${at('theirs/way')}/../ours/new`, content, mode: 0o640 });
    expect(readFileSync(at('ours/new'), 'utf8')).toBe('x');
    expect(statSync(at('ours/new')).mode & 0o777).toBe(0o640);
    expect((await readWholeFile(at('theirs/file')))?.toString()).toBe('secret');
  });

  it('ends where it leads in a circle', async () => {
    symlinkSync('way', at('theirs/way'));
    await expect(readWholeFile(at('theirs/way'))).rejects.toThrow('more than 40 symbolic links');
  });
});

it('replaces a link at the end of a path, and does not write through it', async () => {
  symlinkSync(at('ours/secret'), at('theirs/file'));
  await applyFileAction({ do: 'write', path: at('theirs/file'), content });
  expect(readFileSync(at('ours/secret'), 'utf8')).toBe('secret');
  expect(lstatSync(at('theirs/file')).isFile()).toBe(true);
});

it('gives a file the owner that it is to have in place of the one that it had', async (context) => {
  if (process.geteuid?.() !== 0) return context.skip('owners need root');
  const path = at('ours/secret');
  lchownSync(path, nobody, nobody);
  await applyFileAction({ do: 'write', path, content });
  expect(lstatSync(path)).toMatchObject({ uid: nobody, gid: nobody });
  await applyFileAction({ do: 'write', path, content, owner: { uid: 0, gid: 7 } });
  expect(lstatSync(path)).toMatchObject({ uid: 0, gid: 7 });
});

it('says what is missing by its own name, and leaves no temporary file', async () => {
  await expect(applyFileAction({ do: 'write', path: at('no/file'), content })).rejects.toMatchObject({
    code: 'missing-object',
    summary: expect.stringContaining(`'${at('no/file')}'`),
  });
  await expect(applyFileAction({ do: 'write', path: at('ours'), content })).rejects.toThrow('is a directory');
  expect(readdirSync(root).sort()).toEqual(['ours', 'theirs']);
  expect(await readWholeFile(at('no/file'))).toBeUndefined();
  expect(await readWholeFile(at('ours/secret/below'))).toBeUndefined();
  await expect(readWholeFile(at('ours'))).rejects.toThrow('is not a regular file');
});

describe('a program that refuses a new file', () => {
  it.each([
    [
      'echo out; echo err >&2; exit 3',
      'failed to validate: rc:3 error:err\n',
      { exit_status: 3, stdout: 'out\n', stderr: 'err\n' },
    ],
    ['echo out; exit 1', 'failed to validate: rc:1 error:out\n', { exit_status: 1, stdout: 'out\n', stderr: '' }],
  ])('%s', async (script, summary, result) => {
    const path = join(root, 'ours/secret');
    const validate = ['sh', '-c', script, '%s'];
    const write = applyFileAction({ do: 'write', path, content: 'bmV3', validate });
    await expect(write).rejects.toMatchObject({ summary, result });
    expect(readFileSync(path, 'utf8')).toBe('secret');
  });
});
