import { expect, it } from 'vitest';
import { ImaginedFiles } from '../../agent/engine/check/imagined-files.ts';
import type { LargeContent } from '../../agent/linux/files/large-content.ts';
import type { FileState, FileView } from '../../agent/linux/host.ts';
import { digestOf } from '../../proto/digest.ts';

const directory: FileState = { kind: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0, mtimeMs: 0 };
const file: FileState = { ...directory, kind: 'file', mode: 0o644, uid: 7, size: 3 };

/** A host with /srv and /srv/old. */
const host: FileView = {
  stat: async (path) => ({ '/srv': directory, '/srv/.': directory, '/srv/old': file })[path],
  readFile: async (path) => (path === '/srv/old' ? Buffer.from('old') : undefined),
  readDir: async (path) => (path === '/srv' ? ['old'] : undefined),
  readPiece: async (path, from, bytes) => (await host.readFile(path))?.subarray(from, from + bytes),
  digest: async (path, algorithms) => (path === '/srv/old' ? digestOf([Buffer.from('old')], algorithms) : undefined),
};

const text = async (files: FileView, path: string) => (await files.readFile(path))?.toString();

it('shows what was written over what is there', async () => {
  const files = new ImaginedFiles(host);
  const content = Buffer.from('new').toString('base64');
  await files.apply({ do: 'mkdir', path: '/srv/a', mode: 0o700 });
  await files.apply({ do: 'write', path: '/srv/a/b', content });
  await files.apply({ do: 'write', path: '/srv/old', content });
  expect(await files.stat('/srv/a')).toMatchObject({ kind: 'directory', mode: 0o700 });
  expect(await files.stat('/srv/a/.')).toMatchObject({ kind: 'directory' });
  expect(await files.readDir('/srv/a')).toEqual(['b']);
  expect(await files.readDir('/srv')).toEqual(['a', 'old']);
  expect(await text(files, '/srv//a/./b')).toBe('new');
  // Mode and owner are those of the file that is replaced.
  expect(await files.stat('/srv/old')).toMatchObject({ mode: 0o644, uid: 7, size: 3 });
  expect(await text(files, '/srv/old')).toBe('new');
  expect(await text(host, '/srv/old')).toBe('old');
});

it('keeps the content of a file whose mode and owner change', async () => {
  const files = new ImaginedFiles(host);
  await files.apply({ do: 'mode', path: '/srv/old', mode: 0o600 });
  await files.apply({ do: 'owner', path: '/srv/old', uid: 1, gid: 2 });
  await files.apply({ do: 'link', path: '/srv/new', target: '/srv/old' });
  expect(await files.stat('/srv/new')).toMatchObject({ mode: 0o600, uid: 1, gid: 2 });
  expect(await text(files, '/srv/new')).toBe('old');
});

it('gives what is new in a folder with setgid that folder’s group', async () => {
  const files = new ImaginedFiles(host);
  await files.apply({ do: 'mkdir', path: '/srv/a', mode: 0o2755 });
  await files.apply({ do: 'owner', path: '/srv/a', uid: 0, gid: 50 });
  await files.apply({ do: 'touch', path: '/srv/a/b' });
  expect(await files.stat('/srv/a/b')).toMatchObject({ mode: 0o644, uid: 0, gid: 50 });
});

it('finds nothing behind links that lead in a circle', async () => {
  const files = new ImaginedFiles(host);
  await files.apply({ do: 'symlink', path: '/srv/own', target: '/srv/own' });
  await files.apply({ do: 'symlink', path: '/srv/there', target: 'back' });
  await files.apply({ do: 'symlink', path: '/srv/back', target: 'there' });
  await files.apply({ do: 'symlink', path: '/srv/far', target: 'way' });
  await files.apply({ do: 'symlink', path: '/srv/way', target: 'old' });
  for (const path of ['/srv/own', '/srv/there']) {
    expect(await files.stat(path)).toMatchObject({ kind: 'symlink' });
    expect(await files.stat(`${path}/.`)).toBeUndefined();
    expect(await files.readFile(path)).toBeUndefined();
  }
  expect(await text(files, '/srv/far')).toBe('old');
});

it('follows links that were made, and knows what is gone', async () => {
  const files = new ImaginedFiles(host);
  await files.apply({ do: 'symlink', path: '/srv/way', target: '.' });
  await files.apply({ do: 'touch', path: '/srv/way/new' });
  expect(await files.stat('/srv/new')).toMatchObject({ kind: 'file', size: 0 });
  expect(await files.stat('/srv/way')).toMatchObject({ kind: 'symlink', target: '.' });
  expect(await files.stat('/srv/way/.')).toMatchObject({ kind: 'directory' });
  expect(await text(files, '/srv/way/old')).toBe('old');
  await files.apply({ do: 'unlink', path: '/srv/way/old' });
  expect(await files.stat('/srv/old')).toBeUndefined();
  expect(await text(files, '/srv/old')).toBeUndefined();
  expect(await files.readDir('/srv')).toEqual(['new', 'way']);
});

it('knows the sums of a large content that has not come', async () => {
  const files = new ImaginedFiles(host);
  const sums = { sha1: 's1', sha256: 's256' };
  const content: LargeContent = { size: 5_000_000, sums, at: { apart: 'id' } };
  await files.apply({ do: 'write', path: '/srv/large', content });
  await files.apply({ do: 'link', path: '/srv/again', target: '/srv/large' });
  expect(await files.stat('/srv/large')).toMatchObject({ kind: 'file', size: 5_000_000 });
  expect(await files.digest('/srv/again', ['sha1'])).toMatchObject({ size: 5_000_000, sums: { sha1: 's1' } });
  await expect(files.readFile('/srv/large')).rejects.toThrow('is not here in check mode');
  expect((await files.digest('/srv/old', ['sha1']))?.sums.sha1).toBe('c00dbbc9dadfbe1e232e93a729dd4752fade0abf');
});

it('knows whose word a link would be that root makes', async () => {
  const files = new ImaginedFiles({
    ...host,
    stat: async (path) => (path === '/srv/.' ? { ...directory, uid: 7 } : directory),
  });
  await files.apply({ do: 'symlink', path: '/srv/link', target: '/etc' });
  await files.apply({ do: 'symlink', path: '/own', target: '/etc' });
  await files.apply({ do: 'owner', path: '/own', uid: 8, gid: 8 });
  const asRoot = process.geteuid?.() === 0;
  expect((await files.stat('/srv/link'))?.maker).toBe(asRoot ? 7 : undefined);
  expect((await files.stat('/own'))?.maker).toBe(asRoot ? 8 : undefined);
  const users = files.over(host, true);
  expect(await users.stat('/own')).toMatchObject({ kind: 'symlink', maker: undefined });
});

it('imagines nothing of what only a program would have made', async () => {
  const files = new ImaginedFiles(host);
  await files.apply({ do: 'mode', path: '/srv/new/home', mode: 0o700 });
  expect(await files.stat('/srv/new/home')).toBeUndefined();
});
