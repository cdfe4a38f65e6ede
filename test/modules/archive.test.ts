import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyFileAction } from '../../agent/linux/files/file-actions.ts';
import { ownFiles } from '../../agent/linux/files/files.ts';
import type { Host } from '../../agent/linux/host.ts';
import { module } from '../../agent/modules/archive.ts';
import type { RunContext } from '../../agent/modules/module.ts';

let folder = '';
const at = (name: string) => join(folder, name);
const hasZip = spawnSync('zip', ['-v']).status === 0;

/** What a program says instead of what it has said. */
let said: Readonly<Record<string, { readonly status: number; readonly stderr: string }>> = {};

const host = {
  ...ownFiles,
  runAs: undefined,
  promised: () => false,
  exec: async ({ argv, stdin, cwd }: { argv: readonly string[]; stdin?: string; cwd?: string }) => {
    const [program = '', ...words] = argv;
    const done = spawnSync(program, words, { input: stdin ?? '', cwd, encoding: 'utf8' });
    return { ...done, ...said[program], timedOut: false };
  },
} as unknown as Host;

const context = {
  check: false,
  signal: new AbortController().signal,
  apply: (action: { readonly file: Parameters<typeof applyFileAction>[0] }) => applyFileAction(action.file),
} as unknown as RunContext;

const run = (params: object) => module.run(module.params.parse(params), host, context);
const namesIn = (archive: string) =>
  spawnSync('tar', ['--quoting-style=literal', '-tf', archive], { encoding: 'utf8' }).stdout;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orch-archive-'));
  said = {};
  mkdirSync(at('d'));
  writeFileSync(at('d/a'), 'a');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('archive', () => {
  it('packs a name that holds a newline before it removes it', async () => {
    writeFileSync(at('d/b\nc'), 'b');
    await run({ path: [at('d')], dest: at('d.tgz'), remove: true });
    expect(namesIn(at('d.tgz'))).toBe('d/a\nd/b\nc\n');
    expect(readdirSync(folder)).toEqual(['d.tgz']);
  });

  it.runIf(hasZip)('removes nothing of what zip cannot be told of', async () => {
    writeFileSync(at('d/b\nc'), 'b');
    const asked = { path: [at('d')], dest: at('d.zip'), format: 'zip', remove: true };
    await expect(run(asked)).rejects.toThrow('d/b\\nc');
    expect(readdirSync(folder)).toEqual(['d']);
    await run({ ...asked, exclusion_patterns: ['*/b*'] });
    expect(readdirSync(folder)).toEqual(['d.zip']);
  });

  it.runIf(hasZip).each(['b\rc', '-'])('removes nothing of what zip reads otherwise: %j', async (name) => {
    writeFileSync(at(`d/${name}`), 'b');
    const asked = { path: [at('d/*')], dest: at('d.zip'), format: 'zip', remove: true };
    await expect(run(asked)).rejects.toThrow('zip cannot be told of');
    expect(readdirSync(at('d'))).toContain(name);
  });

  it('removes nothing where a name is no UTF-8, unless it is left out', async () => {
    writeFileSync(Buffer.concat([Buffer.from(at('d/b')), Buffer.from([0xff])]), 'b');
    const asked = { path: [at('d')], dest: at('d.tgz'), remove: true };
    await expect(run(asked)).rejects.toThrow('no UTF-8');
    expect(readdirSync(folder)).toEqual(['d']);
    await run({ ...asked, exclusion_patterns: ['d/b*'] });
    expect(readdirSync(folder)).toEqual(['d.tgz']);
  });

  it('keeps the permissions of the archive before it', async () => {
    const asked = { path: [at('d')], dest: at('d.tgz') };
    await run(asked);
    chmodSync(at('d.tgz'), 0o600);
    writeFileSync(at('d/b'), 'b');
    expect((await run(asked)).changed).toBe(true);
    expect(statSync(at('d.tgz')).mode & 0o777).toBe(0o600);
    expect((await run(asked)).changed).toBe(false);
  });

  it('writes to what a link leads to', async () => {
    symlinkSync('far.tgz', at('near.tgz'));
    const asked = { path: [at('d')], dest: at('near.tgz'), mode: '0600' };
    expect((await run(asked)).result).toMatchObject({ dest: at('near.tgz') });
    await expect(ownFiles.stat(at('near.tgz'))).resolves.toMatchObject({ kind: 'symlink' });
    expect(namesIn(at('far.tgz'))).toBe('d/a\n');
    expect(statSync(at('far.tgz')).mode & 0o777).toBe(0o600);
    expect((await run(asked)).changed).toBe(false);
  });

  it('is the same again in a folder that is packed, too', async () => {
    mkdirSync(at('d/sub'));
    utimesSync(at('d/sub'), 1e9, 1e9);
    const asked = { path: [at('d')], dest: at('d/sub/d.tgz') };
    expect((await run(asked)).changed).toBe(true);
    expect(statSync(at('d/sub')).mtimeMs).toBe(1e12);
    expect((await run(asked)).changed).toBe(false);
    expect(statSync(at('d/sub')).mtimeMs).toBe(1e12);
  });

  it.each(['near.tgz', 'way/far.tgz'])('is not made where it would be removed: %s', async (name) => {
    symlinkSync('d', at('way'));
    symlinkSync('d/far.tgz', at('near.tgz'));
    await expect(run({ path: [at('d')], dest: at(name), remove: true })).rejects.toThrow('contained in source paths');
    expect(readdirSync(at('d'))).toEqual(['a']);
  });

  it.each([true, false])('is no part of itself where a link leads to its folder; remove: %s', async (remove) => {
    symlinkSync('d', at('way'));
    const asked = { path: [at('d/*')], dest: at('way/x.tgz'), remove };
    await run(asked);
    writeFileSync(at('d/b'), 'b');
    await run(asked);
    const names = remove ? 'b\n' : 'a\nb\n';
    expect(namesIn(at('d/x.tgz'))).toBe(names);
    expect((await run(asked)).changed).toBe(false);
    expect(namesIn(at('d/x.tgz'))).toBe(names);
  });

  it('is made where a link leads that is removed alone', async () => {
    mkdirSync(at('out'));
    symlinkSync('../out', at('d/out'));
    await run({ path: [at('d/*')], dest: at('out/x.tgz'), remove: true });
    expect(readdirSync(at('d'))).toEqual([]);
    expect(namesIn(at('out/x.tgz'))).toBe('a\n');
  });

  it.each([
    { format: 'gz', damaged: (whole: Buffer) => whole.subarray(0, -6) },
    { format: 'zip', damaged: (whole: Buffer) => whole.fill('b', 33, 34) },
  ])('replaces a damaged one before it removes anything: $format', async ({ format, damaged }) => {
    if (format === 'zip' && !hasZip) return;
    const asked = { path: [at('d')], dest: at('x'), format, remove: true };
    await run({ ...asked, remove: false });
    writeFileSync(at('x'), damaged(readFileSync(at('x'))));
    expect((await run(asked)).changed).toBe(true);
    expect(spawnSync(format === 'zip' ? 'unzip' : 'gzip', ['-t', at('x')], { input: '' }).status).toBe(0);
  });

  it('takes a pattern with a slash for folders alone', async () => {
    mkdirSync(at('d/sub'));
    writeFileSync(at('d/sub/b'), 'b');
    const { result } = await run({ path: [at('d/*/')], dest: at('d.tgz') });
    expect(result).toMatchObject({ expanded_paths: [at('d/sub/')], missing: [], dest_state: 'archive' });
  });

  it.each([['d/*'], ['d/b*']])('names what a pattern finds that is no UTF-8: %s', async (pattern) => {
    writeFileSync(Buffer.concat([Buffer.from(at('d/b')), Buffer.from([0xff])]), 'b');
    const asked = { path: [at(pattern)], dest: at('d.tgz') };
    await expect(run(asked)).rejects.toThrow('no UTF-8');
    await run({ ...asked, exclusion_patterns: ['b*'] });
  });

  it.each(['gz', 'zip'])('neither packs nor removes a socket: %s', async (format) => {
    if (format === 'zip' && !hasZip) return;
    const server = createServer().listen(at('d/s'));
    await once(server, 'listening');
    const { result } = await run({ path: [at('d/*')], dest: at('x'), format, remove: true });
    expect(result).toMatchObject({ archived: [at('d/a')] });
    expect(readdirSync(at('d'))).toEqual(['s']);
    server.close();
  });

  it('waits for nobody who writes to a FIFO', async () => {
    spawnSync('mkfifo', [at('f')]);
    await expect(run({ path: [at('f')] })).rejects.toThrow('is not a regular file');
  });

  it.each([{ dest: 'd' }, { dest: 'none/x.tgz' }])('foresees that it cannot be made: $dest', async ({ dest }) => {
    const asked = module.params.parse({ path: [at('d/a'), at('e')], dest: at(dest) });
    await expect(module.run(asked, host, { ...context, check: true })).rejects.toThrow(/regular file|no folder/);
  });

  it.runIf(hasZip)('is an empty zip of an empty folder, and the same again', async () => {
    const asked = { path: [at('d')], dest: at('d.zip'), format: 'zip', exclusion_patterns: ['*/a'] };
    expect((await run(asked)).changed).toBe(true);
    expect((await run(asked)).changed).toBe(false);
    writeFileSync(at('d.zip'), 'none');
    expect((await run(asked)).changed).toBe(true);
  });

  it.runIf(hasZip)('is the same zip again in a folder that is packed, too, in another minute', async () => {
    mkdirSync(at('d/sub'));
    const asked = { path: [at('d')], dest: at('d/sub/x.zip'), format: 'zip' };
    await run(asked);
    utimesSync(at('d/sub'), 1e9, 1e9);
    spawnSync('zip', ['-X', at('then.zip'), 'd/a', 'd/sub'], { cwd: folder });
    copyFileSync(at('then.zip'), at('d/sub/x.zip'));
    expect((await run(asked)).changed).toBe(false);
  });

  const isRoot = process.geteuid?.() === 0;
  it.runIf(isRoot).each(['way/sub', 'way/', 'way/*'])("passes no user's link to another's: %s", async (path) => {
    mkdirSync(at('own'));
    mkdirSync(at('d/sub'));
    symlinkSync(at('d'), at('own/way'));
    chownSync(at('own'), 1000, 1000);
    lchownSync(at('own/way'), 1000, 1000);
    const asked = { path: [at(`own/${path}`)], dest: at('x.tgz'), remove: true };
    await expect(run(asked)).rejects.toThrow(/link of user 1000|no source paths/);
    expect(readdirSync(at('d'))).toEqual(['a', 'sub']);
  });

  it('tells what it could not remove', async () => {
    mkdirSync(at('d/sub'));
    said = { rm: { status: 1, stderr: 'rm: not so' } };
    await expect(run({ path: [at('d')], dest: at('d.tgz'), remove: true })).rejects.toThrow('rm: not so');
  });

  it('packs what grows meanwhile as it was', async () => {
    said = { tar: { status: 1, stderr: 'tar: d/a: file changed as we read it\n' } };
    await run({ path: [at('d')], dest: at('d.tgz') });
    expect(namesIn(at('d.tgz'))).toBe('d/a\n');
    said = { tar: { status: 1, stderr: 'tar: d/a: File removed before we read it\n' } };
    await expect(run({ path: [at('d')], dest: at('e.tgz') })).rejects.toThrow('File removed');
    said = { tar: { status: 1, stderr: 'tar: d/a: file changed as we read it\n' } };
    await expect(run({ path: [at('d')], dest: at('e.tgz'), remove: true })).rejects.toThrow('file changed');
  });
});
