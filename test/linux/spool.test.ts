import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { Spool, sweepSpools } from '../../agent/linux/files/spool.ts';
import { digestOf } from '../../proto/digest.ts';

async function* chunks(...parts: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* parts;
}

const nobody = { uid: 65534, gid: 65534 };
const spools = () => readdirSync('/var/tmp').filter((name) => name.startsWith(`orch-spool-${process.pid}-`));
const piece = Buffer.alloc(700_000, 'x');

it('holds what is small in memory', async () => {
  const spool = new Spool(
    async () => undefined,
    () => undefined,
  );
  expect(await spool.keep(chunks(Buffer.from('a'), Buffer.from('b')))).toEqual(Buffer.from('ab'));
  expect(await spool.keep(chunks())).toEqual(Buffer.alloc(0));
  expect(spools()).toEqual([]);
});

it('puts what is large into a file that only its user can read, and takes it away', async () => {
  let heard = 0;
  const spool = new Spool(
    async () => nobody,
    () => {
      heard += 1;
    },
  );
  const kept = await spool.keep(chunks(piece, piece, piece));
  if (!('sums' in kept) || !('file' in kept.at)) throw new Error('it is no file');
  const { file } = kept.at;
  const expected = await digestOf([piece, piece, piece], ['sha1', 'sha256']);
  expect(kept).toMatchObject(expected);
  expect(readFileSync(file).equals(Buffer.concat([piece, piece, piece]))).toBe(true);
  expect(statSync(file)).toMatchObject({ mode: 0o100600, ...nobody });
  expect(statSync(dirname(file)).mode & 0o777).toBe(0o711);
  expect(readFileSync(await spool.fileWith(Buffer.from('small')), 'utf8')).toBe('small');
  expect(heard).toBe(3);
  await spool.remove();
  expect(spools()).toEqual([]);
});

it('takes away what agents left that are no more, and nothing else', () => {
  const gone = `/var/tmp/orch-spool-${2 ** 22 + 1}-abcdef`;
  const living = `/var/tmp/orch-spool-${process.pid}-abcdef`;
  const another = `/var/tmp/orch-spool-${2 ** 22 + 2}-abcdef`;
  for (const folder of [gone, living, another]) mkdirSync(folder);
  const asRoot = process.geteuid?.() === 0;
  if (asRoot) chownSync(another, nobody.uid, nobody.gid);
  sweepSpools();
  expect([existsSync(gone), existsSync(living), existsSync(another)]).toEqual([false, true, asRoot]);
  rmdirSync(living);
  if (asRoot) rmdirSync(another);
});

it('leaves what can’t be taken away, and takes away the rest', (context) => {
  const held = `/var/tmp/orch-spool-${2 ** 22 + 3}-abcdef`;
  const gone = `/var/tmp/orch-spool-${2 ** 22 + 4}-abcdef`;
  for (const folder of [held, gone]) mkdirSync(folder);
  try {
    if (spawnSync('mount', ['--bind', held, held]).status !== 0) return context.skip('mounts need root');
    sweepSpools();
    expect([existsSync(held), existsSync(gone)]).toEqual([true, false]);
  } finally {
    spawnSync('umount', [held]);
    for (const folder of [held, gone].filter(existsSync)) rmdirSync(folder);
  }
});
