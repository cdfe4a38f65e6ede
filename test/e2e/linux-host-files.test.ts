import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FileAction } from '../../agent/linux/action.ts';
import { LinuxHost } from '../../agent/linux/linux-host.ts';
import { children } from './children.ts';

const folder = mkdtempSync(join(tmpdir(), 'orch-host-'));
let host: LinuxHost;

beforeEach(() => {
  host = new LinuxHost();
});
afterEach(() => host.release());
afterAll(() => rmSync(folder, { recursive: true }));

describe('files', () => {
  const path = (name: string) => join(folder, name);
  const write = (name: string, text: string, mode?: number) => {
    const content = Buffer.from(text).toString('base64');
    return host.apply({ op: 'file', file: { do: 'write', path: path(name), content, mode } });
  };

  test('are replaced at once and keep mode and owner', async () => {
    writeFileSync(path('a'), 'old', { mode: 0o640 });
    execFileSync('chown', ['nobody', path('a')]);
    await write('a', 'new');
    expect(readFileSync(path('a'), 'utf8')).toBe('new');
    const { uid } = await host.user('nobody').then((user) => user ?? { uid: -1 });
    expect(await host.stat(path('a'))).toMatchObject({ kind: 'file', mode: 0o640, uid });
    await write('a', 'new', 0o600);
    expect(await host.stat(path('a'))).toMatchObject({ mode: 0o600 });
    const kept = { do: 'write', path: path('a.old'), content: '', mode: 0o4755, owner: { uid, gid: 7 } } as const;
    await host.apply({ op: 'file', file: kept });
    expect(await host.stat(path('a.old'))).toMatchObject({ mode: 0o4755, uid, gid: 7 });
    expect(readdirSync(folder).filter((name) => name.includes('.orch-'))).toEqual([]);
  });

  test('a link is replaced, not followed', async () => {
    writeFileSync(path('target'), 'kept');
    symlinkSync(path('target'), path('link'));
    await write('link', 'new');
    expect(readFileSync(path('target'), 'utf8')).toBe('kept');
    expect(await host.stat(path('link'))).toMatchObject({ kind: 'file' });
    symlinkSync(path('target'), path('link2'));
    await expect(host.apply({ op: 'file', file: { do: 'mode', path: path('link2'), mode: 0o777 } })).rejects.toThrow();
  });

  test('that are absent, too large or no files', async () => {
    expect(await host.readFile(path('none'))).toBeUndefined();
    expect(await host.readDir(path('none'))).toBeUndefined();
    writeFileSync(path('big'), 'x'.repeat(100));
    await expect(host.readFile(path('big'), 99)).rejects.toThrow('larger than 99 bytes');
    await expect(host.readFile(folder)).rejects.toThrow('is not a regular file');
    execFileSync('mkfifo', [path('fifo')]);
    await expect(host.readFile(path('fifo'))).rejects.toThrow('is not a regular file');
    const unlink = host.apply({ op: 'file', file: { do: 'unlink', path: path('none') } });
    await expect(unlink).rejects.toMatchObject({ code: 'missing-object' });
  });

  test("of another user are what that user's rights let be", async () => {
    const agent = [process.execPath, join(import.meta.dirname, '../../dist/agent.cjs')];
    const other = new LinuxHost(join(folder, 'daemons'), agent);
    const own = path('own');
    execFileSync('install', ['-d', '-o', 'nobody', '-m', '0700', own]);
    execFileSync('chmod', ['0711', folder]);
    writeFileSync(path('secret'), 'kept', { mode: 0o600 });
    symlinkSync(path('secret'), join(own, 'link'));
    const files = await other.filesAs('nobody');
    const apply = (file: FileAction) => other.apply({ op: 'file', file, runAs: 'nobody' });
    const content = Buffer.from('new').toString('base64');
    await apply({ do: 'write', path: join(own, 'a'), content, validate: ['grep', 'new', '%s'] });
    const { uid } = (await host.user('nobody')) ?? { uid: -1 };
    expect(await files.stat(join(own, 'a'))).toMatchObject({ kind: 'file', mode: 0o644, uid });
    expect(await files.readFile(join(own, 'a'))).toEqual(Buffer.from('new'));
    expect(await files.readDir(own)).toEqual(['a', 'link']);
    await apply({ do: 'mode', path: join(own, 'a'), mode: 0o200 });
    for (const name of [join(own, 'a'), join(own, 'link'), path('secret')])
      await expect(files.readFile(name)).rejects.toThrow('is not readable');
    await expect(files.readDir(folder)).rejects.toThrow('EACCES');
    await expect(apply({ do: 'write', path: path('b'), content })).rejects.toThrow('not writable');
    await expect(apply({ do: 'owner', path: join(own, 'a'), uid: 0, gid: 0 })).rejects.toThrow('EPERM');
    const processes = () => children().filter(({ line }) => line.includes('files\0--ids'));
    expect(processes()).toHaveLength(1);
    // It may be userdel(8), which wants no process of that user.
    await other.exec({ argv: ['true'] });
    expect(processes()).toEqual([]);
    await expect(other.filesAs('no-such-user')).rejects.toMatchObject({ code: 'missing-object' });
    await other.release();
  });
});
