import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LinuxHost } from '../../agent/linux/linux-host.ts';
import { children } from './children.ts';
import { ip, ScratchNetns } from './scratch-netns.ts';

const scratch = new ScratchNetns();
const folder = mkdtempSync(join(tmpdir(), 'orch-host-'));
let host: LinuxHost;
let ns: string;
let count = 0;

beforeEach(() => {
  host = new LinuxHost();
  ns = scratch.name(`n${count++}`);
  ip('netns', 'add', ns);
});
afterEach(async () => {
  await host.release();
  scratch.sweep();
});
afterAll(() => rmSync(folder, { recursive: true }));

const ips = () => children().flatMap(({ pid, line }) => (line.startsWith('sh\0-c\0\none()') ? children(pid) : []));

const addresses = async (dev: string) =>
  (await host.ip(['address', 'show', 'dev', dev], ns)).rows.flatMap(({ addr_info }) => addr_info);

test('programs in a namespace are told of when it has a name no more', async () => {
  const inside = host.noteInside([ns, 'there-is-none']);
  const program = spawn('ip', ['netns', 'exec', ns, 'sleep', '60']);
  try {
    await expect.poll(inside).toEqual([{ netns: ns, pid: program.pid, program: 'sleep', own: true }]);
    await host.apply({ op: 'netns-delete', name: ns });
    expect(inside()).toEqual([{ netns: ns, pid: program.pid, program: 'sleep', own: true }]);
  } finally {
    program.kill();
  }
  await expect.poll(inside).toEqual([]);
});

describe('ip', () => {
  test('answers from the namespace that is asked', async () => {
    ip('-n', ns, 'link', 'add', 'br0', 'type', 'bridge');
    const { rows, missing } = await host.ip(['link', 'show', 'dev', 'br0'], ns);
    expect(missing).toBe(false);
    expect(rows).toMatchObject([{ ifname: 'br0', linkinfo: { info_kind: 'bridge' } }]);
    expect(await host.ip(['link', 'show', 'dev', 'br0'])).toEqual({ rows: [], missing: true });
  });

  test('a namespace, device or table that is not there is missing', async () => {
    const gone = { rows: [], missing: true };
    expect(await host.ip(['link', 'show'], scratch.name('none'))).toEqual(gone);
    expect(await host.ip(['address', 'show', 'dev', 'none'], ns)).toEqual(gone);
    expect(await host.ip(['neighbour', 'show', 'dev', 'none'], ns)).toEqual(gone);
  });

  test('passes over names that no namespace can have, where many or few are expected', async () => {
    ip('-n', ns, 'link', 'add', 'br0', 'type', 'bridge');
    for (const few of [1, 8]) {
      host.expect([...['', '..', 'a/b', 'a b', '-x', '\u0000', 'x'.repeat(300)].slice(-few), ns]);
      expect(await host.ip(['link', 'show', 'dev', 'br0'], ns)).toMatchObject({ missing: false });
    }
  });

  test('has processes ready for the next run, which keep no namespace alive and have seen nothing', async () => {
    const waiting = () => ips().flatMap(({ pid, line }) => (line.startsWith('sh\0') ? pid : []));
    // Those of the hosts before this one come 20 ms after their release.
    await sleep(50);
    const others = waiting();
    await host.ip(['link', 'show'], ns);
    await host.release();
    await expect.poll(() => waiting().length).toBeGreaterThan(others.length);
    ip('netns', 'delete', ns);
    ip('netns', 'add', ns);
    ip('-n', ns, 'link', 'set', 'lo', 'up');
    const ready = waiting().filter((pid) => !others.includes(pid));
    const { rows } = await host.ip(['link', 'show', 'dev', 'lo'], ns);
    expect(rows).toMatchObject([{ ifname: 'lo', flags: expect.arrayContaining(['UP']) }]);
    const asked = ips().filter(({ line }) => line.startsWith(`ip\0-n\0${ns}\0`));
    expect(asked.map(({ pid }) => ready.includes(pid))).toEqual([true]);
  });

  test('goes on after a wrong argument has ended it', async () => {
    const bad = host.ip(['route', 'show', 'table', 'nonsense'], ns);
    const good = host.ip(['route', 'show'], ns);
    await expect(bad).rejects.toMatchObject({ code: 'command-failed' });
    expect(await good).toEqual({ rows: [], missing: false });
  });

  test('goes on after many wrong arguments that were asked at once', async () => {
    const bad = Array.from({ length: 8 }, (_, at) => host.ip(['route', 'show', 'table', `nonsense${at}`], ns));
    const good = host.ip(['route', 'show'], ns);
    for (const answer of await Promise.allSettled(bad))
      expect(answer).toMatchObject({ reason: { summary: expect.stringContaining('nonsense') } });
    expect(await good).toEqual({ rows: [], missing: false });
  });

  test('many questions at once get their own answers', async () => {
    const names = Array.from({ length: 60 }, (_, at) => (at % 3 === 0 ? 'lo' : `none${at}`));
    const replies = await Promise.all(names.map((name) => host.ip(['link', 'show', 'dev', name], ns)));
    expect(replies.map(({ missing }) => missing)).toEqual(names.map((name) => name !== 'lo'));
  });

  test('addresses are there after a look at the link', async () => {
    ip('-n', ns, 'link', 'add', 'br0', 'type', 'bridge');
    ip('-n', ns, 'address', 'add', '10.1.2.3/24', 'dev', 'br0');
    await host.ip(['link', 'show', 'dev', 'br0'], ns);
    expect(await addresses('br0')).toMatchObject([{ local: '10.1.2.3' }]);
  });

  test('a link that was made anew is seen anew', async () => {
    const make = { op: 'ip', netns: ns, args: ['link', 'add', 'br0', 'type', 'bridge'] } as const;
    const remove = { op: 'ip', netns: ns, args: ['link', 'delete', 'br0'] } as const;
    await host.apply(make);
    expect(await addresses('br0')).toEqual([]);
    await host.apply(remove);
    await host.apply(make);
    await host.apply({ op: 'ip', netns: ns, args: ['address', 'add', '10.1.2.3/24', 'dev', 'br0'] });
    expect(await addresses('br0')).toMatchObject([{ local: '10.1.2.3' }]);
    await host.exec({ argv: ['ip', '-n', ns, 'link', 'delete', 'br0'] });
    await host.exec({ argv: ['ip', '-n', ns, 'link', 'add', 'br0', 'type', 'bridge'] });
    expect((await host.ip(['address', 'show', 'dev', 'br0'], ns)).missing).toBe(false);
    expect(await addresses('br0')).toEqual([]);
  });

  test('so is one that somebody else made anew', async () => {
    const pair = ['link', 'add', 'name', 'v0', 'type', 'veth', 'peer', 'name', 'v1'];
    ip('-n', ns, ...pair);
    await host.ip(['address', 'show'], ns);
    ip('-n', ns, 'link', 'delete', 'v0');
    await host.apply({ op: 'ip', netns: ns, args: pair });
    await host.apply({ op: 'ip', netns: ns, args: ['link', 'set', 'dev', 'v0', 'up'] });
    ip('-n', ns, 'link', 'delete', 'v0');
    ip('-n', ns, ...pair);
    expect((await host.ip(['link', 'show', 'dev', 'v0'], ns)).rows).toHaveLength(1);
  });

  test.each(['plain', 'two words', `it's`, 'say "hi"', `both ' and "`, '# no comment', '$(reboot)', 'end\\', '-x'])(
    'an argument arrives as it is: %s',
    async (alias) => {
      await host.apply({ op: 'ip', netns: ns, args: ['link', 'set', 'dev', 'lo', 'alias', alias] });
      expect((await host.ip(['link', 'show', 'dev', 'lo'], ns)).rows).toMatchObject([{ ifalias: alias }]);
    },
  );

  test('IPv6 has its own questions', async () => {
    ip('-n', ns, 'link', 'set', 'lo', 'up');
    ip('-n', ns, '-6', 'route', 'add', 'fd00:1::/64', 'dev', 'lo');
    const { rows } = await host.ip(['-6', 'route', 'show'], ns);
    expect(rows).toContainEqual(expect.objectContaining({ dst: 'fd00:1::/64' }));
  });

  test('what is not there cannot be removed, and says so', async () => {
    const gone = { code: 'missing-object' };
    ip('-n', ns, 'link', 'add', 'br0', 'type', 'bridge');
    ip('-n', ns, 'link', 'set', 'br0', 'up');
    const remove = (...args: string[]) => host.apply({ op: 'ip', netns: ns, args });
    await expect(remove('link', 'delete', 'none')).rejects.toMatchObject(gone);
    await expect(remove('address', 'delete', '10.0.0.1/24', 'dev', 'br0')).rejects.toMatchObject(gone);
    await expect(remove('route', 'delete', '10.9.0.0/16', 'dev', 'br0')).rejects.toMatchObject(gone);
    await expect(remove('rule', 'delete', 'priority', '77')).rejects.toMatchObject(gone);
    await expect(remove('neighbour', 'delete', '10.0.0.9', 'dev', 'br0')).rejects.toMatchObject(gone);
    await expect(host.apply({ op: 'netns-delete', name: scratch.name('none') })).rejects.toMatchObject(gone);
    await expect(remove('link', 'add', 'br0', 'type', 'bridge')).rejects.toMatchObject({ code: 'command-failed' });
  });
});

test('a host without iproute2 says what to install', async () => {
  const path = process.env.PATH;
  symlinkSync('/bin/sh', join(folder, 'sh'));
  process.env.PATH = folder;
  try {
    const wanted = { code: 'unsupported-by-host', hint: expect.stringContaining('iproute2') };
    await expect(host.ip(['link', 'show'])).rejects.toMatchObject(wanted);
    await expect(host.apply({ op: 'netns-add', name: scratch.name('x') })).rejects.toMatchObject(wanted);
  } finally {
    process.env.PATH = path;
  }
});

describe('namespaces', () => {
  test('are made and deleted although questions were asked inside', async () => {
    const name = scratch.name('made');
    await host.apply({ op: 'netns-add', name });
    expect(await host.netnsNames()).toContain(name);
    await host.ip(['link', 'show'], name);
    await host.sysctl('net/ipv4/ip_forward', name);
    const { ino } = statSync(`/run/netns/${name}`);
    await host.apply({ op: 'netns-delete', name });
    expect(await host.netnsNames()).not.toContain(name);
    const inside = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && namespaceOf(pid) === `net:[${ino}]`);
    expect(inside).toEqual([]);
  });

  test('sysctls are those of the namespace', async () => {
    const key = 'net/ipv4/ip_forward';
    const own = await host.sysctl(key);
    const other = (await host.sysctl(key, ns)) === '1' ? '0' : '1';
    await host.apply({ op: 'sysctl', netns: ns, key: 'net.ipv4.ip_forward', value: other });
    expect(await host.sysctl(key, ns)).toBe(other);
    expect(await host.sysctl(key)).toBe(own);
    expect(execFileSync('ip', ['netns', 'exec', ns, 'cat', `/proc/sys/${key}`], { encoding: 'utf8' }).trim()).toBe(
      other,
    );
  });

  test('sysctls of several values, absent ones and wrong values', async () => {
    expect(await host.sysctl('net/ipv4/ip_local_port_range', ns)).toMatch(/^\d+\t\d+$/);
    expect(await host.sysctl('net/ipv4/none', ns)).toBeUndefined();
    expect(await host.sysctl('net/ipv4', ns)).toBeUndefined();
    const write = (key: string, value: string) => host.apply({ op: 'sysctl', netns: ns, key, value });
    await expect(write('net/ipv4/none', '1')).rejects.toMatchObject({ code: 'missing-object' });
    await expect(write('net/ipv4/ip_forward', 'x')).rejects.toMatchObject({ code: 'command-failed' });
  });
});

function namespaceOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}

describe('programs', () => {
  test('run in a namespace, as a user, in a folder, with input', async () => {
    const links = await host.exec({ argv: ['ls', '/sys/class/net'], netns: ns });
    expect(links.stdout).toBe('lo\n');
    expect((await host.exec({ argv: ['id', '-un'], runAs: 'nobody' })).stdout).toBe('nobody\n');
    expect((await host.exec({ argv: ['pwd'], cwd: folder })).stdout).toBe(`${folder}\n`);
    expect((await host.exec({ argv: ['cat'], stdin: 'héllo' })).stdout).toBe('héllo');
    const shell = await host.exec({ argv: ['sh', '-c', 'echo "$A"; echo e >&2; exit 3'], env: { A: '$(reboot)' } });
    expect(shell).toEqual({ status: 3, stdout: '$(reboot)\n', stderr: 'e\n', timedOut: false });
  });

  test('cannot be started', async () => {
    await expect(host.exec({ argv: ['no-such-program'] })).rejects.toMatchObject({ code: 'command-failed' });
    await expect(host.exec({ argv: ['no-such-program'], netns: ns })).rejects.toMatchObject({ code: 'command-failed' });
    await expect(host.exec({ argv: ['true'], cwd: '/none' })).rejects.toThrow('there is no folder /none');
    await expect(host.exec({ argv: ['true'], runAs: 'no-such-user' })).rejects.toMatchObject({
      code: 'missing-object',
    });
    await expect(host.exec({ argv: ['true'], netns: scratch.name('no') })).rejects.toMatchObject({
      code: 'missing-object',
    });
  });

  test('are ended with all that they started', async () => {
    const marker = `${folder}/ended`;
    const script = `trap 'echo > ${marker}' TERM; sleep 50 & wait`;
    const result = await host.exec({ argv: ['sh', '-c', script] }, { timeoutMs: 300 });
    expect(result).toMatchObject({ status: null, timedOut: true });
    expect(statSync(marker).isFile()).toBe(true);

    const abort = new AbortController();
    const running = host.exec(
      { argv: ['sh', '-c', 'echo up; exec sleep 50'] },
      { signal: abort.signal, output: () => abort.abort() },
    );
    expect(await running).toMatchObject({ status: null, timedOut: false, stdout: 'up\n' });
  });

  test('leave what runs in the background behind', async () => {
    const result = await host.exec({ argv: ['sh', '-c', 'sleep 3 & echo done'] });
    expect(result).toMatchObject({ status: 0, stdout: 'done\n' });
  });

  test('output beyond the limit is cut and counted', async () => {
    const result = await host.exec({ argv: ['sh', '-c', 'printf 0123456789'] }, { limit: 4 });
    expect(result.stdout).toBe('0123\n[6 more bytes were cut]');
  });
});
