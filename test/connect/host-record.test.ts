import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  forgetRecord,
  type HostRecord,
  readRecord,
  targetId,
  writeRecord,
} from '../../controller/connect/host-record.ts';
import { Limiter } from '../../controller/connect/limiter.ts';
import type { Target } from '../../controller/connect/types.ts';

const folder = mkdtempSync(join(tmpdir(), 'orch-record-'));
afterAll(() => rmSync(folder, { recursive: true }));

const target: Target = {
  name: 'vm01',
  address: '172.16.91.10',
  become: false,
  sshArgs: [],
  unknownHostKey: 'refuse',
  transport: 'auto',
  timeoutMs: 1_000,
};
const record: HostRecord = {
  address: '172.16.91.10',
  port: 7411,
  bundle: 'a'.repeat(64),
  authority: 'PEM',
  serverName: 'vm01.agent.orch',
  expiresMs: Date.now() + 60_000,
  transport: 'tls',
  savedMs: Date.now(),
};

describe('what is remembered of a host', () => {
  it('is kept private, and forgotten', async () => {
    await writeRecord(folder, target, record);
    expect(await readRecord(folder, target)).toEqual(record);
    for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    await forgetRecord(folder, target);
    expect(await readRecord(folder, target)).toBeUndefined();
  });

  it('is not taken from where others could have written it', async () => {
    await writeRecord(folder, target, record);
    const file = join(folder, `${targetId(target)}.json`);
    for (const [path, open, closed] of [
      [file, 0o666, 0o600],
      [folder, 0o777, 0o700],
    ] as const) {
      chmodSync(path, open);
      await expect(readRecord(folder, target)).rejects.toMatchObject({ code: 'unsafe-file' });
      chmodSync(path, closed);
    }
    expect(await readRecord(folder, target)).toEqual(record);
  });

  it.each(['', '{', 'null', '[]', '{"address": 1}', JSON.stringify({ ...record, port: '7411' })])(
    'is not taken from a broken file: %s',
    async (text) => {
      writeFileSync(join(folder, `${targetId(target)}.json`), text);
      expect(await readRecord(folder, target)).toBeUndefined();
    },
  );

  it('ends with the certificate', async () => {
    await writeRecord(folder, target, { ...record, expiresMs: Date.now() - 1 });
    expect(await readRecord(folder, target)).toBeUndefined();
  });

  it.each<Partial<Target>>([
    { address: '172.16.91.14' },
    { port: 2222 },
    { user: 'lab' },
    { keyFile: '/keys/lab' },
    { sshArgs: ['-J', 'gate'] },
    { connection: 'local' },
    { agentPort: 7412 },
  ])('is another host’s with %o', (change) => {
    expect(targetId({ ...target, ...change })).not.toBe(targetId(target));
  });

  it('does not depend on the name in the inventory', () => {
    expect(targetId({ ...target, name: 'other', connection: 'ssh' })).toBe(targetId(target));
  });
});

describe('Limiter', () => {
  it('never lets more in than it has places, and lets all in', async () => {
    const limiter = new Limiter(3);
    let inside = 0;
    let most = 0;
    let done = 0;
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        limiter
          .run(async () => {
            inside += 1;
            most = Math.max(most, inside);
            await new Promise((resolve) => setTimeout(resolve, 2));
            inside -= 1;
            done += 1;
            if (index % 5 === 0) throw new Error('refused');
          })
          .catch(() => {}),
      ),
    );
    expect({ most, done }).toEqual({ most: 3, done: 20 });
  });
});
