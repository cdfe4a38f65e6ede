import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { ownTestbed } from './own-testbed.ts';

/* Contents that are larger than any message, by the workstation's own agent. */

const workstation = ownTestbed();
const notes = join(workstation.folder, 'orch/local/run/agent.json');
const at = (name: string) => join(workstation.folder, name);
const spools = () => readdirSync('/var/tmp').filter((name) => name.startsWith('orch-spool-'));
afterAll(() => {
  if (existsSync(notes)) process.kill(JSON.parse(readFileSync(notes, 'utf8')).pid);
  return workstation.end();
});

/** Bytes that no two sizes have alike. */
const bytes = (size: number) => Buffer.alloc(size, createHash('sha512').update(String(size)).digest());

/** A server that takes longer for all of it than its clients wait for anything. */
async function slowServer(content: Buffer) {
  const server = createServer(async (_request, response) => {
    response.writeHead(200, { 'content-length': content.length });
    for (let from = 0; from < content.length; from += 8_000_000) {
      response.write(content.subarray(from, from + 8_000_000));
      await sleep(400);
    }
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

const longAgo = new Date('2001-02-03T04:05:06Z');

test('files of any size are copied, unpacked, asked for and compared', async () => {
  const content = bytes(40_000_000);
  const server = await slowServer(content);
  mkdirSync(at('tree/many'), { recursive: true });
  writeFileSync(at('image'), content);
  writeFileSync(at('tree/image'), bytes(30_000_000));
  for (let number = 0; number < 20; number += 1) writeFileSync(at(`tree/many/${number}`), bytes(900_000 + number));
  execFileSync('tar', ['-C', at(''), '-cf', at('tree.tar'), 'tree']);
  for (const folder of ['theirs', 'unpacked']) mkdirSync(at(folder));
  writeFileSync(at('old'), bytes(5_000_000));
  utimesSync(at('old'), longAgo, longAgo);
  writeFileSync(
    at('large.yml'),
    `
- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - copy: { src: image, dest: ${at('new')}, mode: "0640" }
    - copy: { src: image, dest: ${at('old')}, backup: true }
    - copy: { src: tree, dest: ${at('copied/')} }
    - copy: { src: ${at('new')}, dest: ${at('again')}, remote_src: true }
    - unarchive: { src: tree.tar, dest: ${at('unpacked')} }
    - get_url:
        url: ${server.url}/image
        dest: ${at('got')}
        timeout: 1
        checksum: sha512:${createHash('sha512').update(content).digest('hex')}
    - uri: { url: "${server.url}/image", dest: ${at('asked')}, timeout: 1 }
    - fetch: { src: ${at('new')}, dest: ${at('fetched')}, flat: true }
    - stat: { path: ${at('new')}, checksum_algorithm: md5 }
      register: found
    - assert: { that: found.stat.checksum == "${createHash('md5').update(content).digest('hex')}" }
`,
  );
  const looked = await workstation.orch(['run', at('large.yml'), '--check']);
  expect(looked.stdout).toMatch(/TASK \[copy\] \*+\nchanged/);
  expect(existsSync(at('new'))).toBe(false);
  const first = await workstation.orch(['run', at('large.yml')]);
  expect(first.stdout).toContain('ok=10   changed=8 ');
  for (const name of ['new', 'old', 'again', 'got', 'asked', 'fetched'])
    expect(readFileSync(at(name)).equals(content)).toBe(true);
  expect(statSync(at('new')).mode & 0o777).toBe(0o640);
  const backups = readdirSync(workstation.folder).filter((name) => name.startsWith('old.'));
  expect(backups.map((name) => statSync(at(name))).map(({ size, mtime }) => ({ size, mtime }))).toEqual([
    { size: 5_000_000, mtime: longAgo },
  ]);
  expect(statSync(at('old')).mtimeMs).toBeGreaterThan(longAgo.getTime());
  expect(statSync(at('again')).mtimeMs).toBeCloseTo(statSync(at('new')).mtimeMs, 2);
  for (const folder of ['copied', 'unpacked']) {
    expect(() => execFileSync('diff', ['-r', at('tree'), at(`${folder}/tree`)])).not.toThrow();
  }
  const second = await workstation.orch(['run', at('large.yml')]);
  expect(second.stdout).toContain('ok=10   changed=0 ');
  server.close();
  expect(spools()).toEqual([]);
}, 120_000);

test('arguments that fit into no message fail their task, not the host', async () => {
  writeFileSync(
    at('much.yml'),
    `
- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - shell: { cmd: wc -c, stdin: "{{ 'x' * 12000000 }}" }
      loop: [1, 2, 3]
      ignore_errors: true
    - ping: {}
`,
  );
  const { stdout } = await workstation.orch(['run', at('much.yml')]);
  expect(stdout).toContain('The arguments of the task have 35 MiB; no more than 30 can be sent.');
  expect(stdout).toContain('ok=2    changed=0    unreachable=0    failed=0    skipped=0    rescued=0    ignored=1');
});
