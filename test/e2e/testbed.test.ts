import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';

const kinds = [
  { name: 'netns', options: ['--driver', 'netns'], kernel: execFileSync('uname', ['-r'], { encoding: 'utf8' }).trim() },
  { name: 'qemu, Debian 13', options: ['--driver', 'qemu'], kernel: '6.12.', power: true },
  { name: 'qemu, Debian 12', options: ['--driver', 'qemu', '--release', 'bookworm'], kernel: '6.1.' },
];

/** The answer of a server that is spoken to first, as an agent is; QEMU's gateway may lose words of one that leaves at once. */
function answer(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.write('who is there\n');
    socket.once('data', (data) => resolve(socket.end() && data.toString()));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed without a word')));
  });
}

describe.each(kinds)('testbed $name', ({ options, kernel, power = false }) => {
  let testbed: OwnTestbed;
  const up = () => testbed.orch(['testbed', 'up', ...options]);

  beforeAll(async () => {
    testbed = ownTestbed();
    expect(await up()).toMatchObject({ code: 0, stdout: expect.stringMatching(/vm01 .* up .*\n.*vm02 .* up /) });
  });

  afterAll(() => testbed.end());

  it("is the seed's network", async () => {
    const { stdout } = await testbed.on(
      'vm02',
      [
        'hostname',
        'uname -r',
        'ip -o -4 address show dev ens34 | grep -o "inet [^ ]*"',
        'ip route show default',
        'cat /proc/sys/net/ipv4/conf/all/rp_filter /proc/sys/net/ipv4/conf/ens34/rp_filter',
        'fping 172.16.91.2 172.16.91.10 172.16.91.14 | sort',
      ].join('; '),
    );
    const lines = stdout.split('\n');
    expect(lines[1]).toContain(kernel);
    expect([lines[0], ...lines.slice(2)]).toEqual([
      'vm02',
      'inet 172.16.91.14/24',
      'default via 172.16.91.2 dev ens34 ',
      '1',
      '1',
      '172.16.91.10 is alive',
      '172.16.91.14 is alive',
      '172.16.91.2 is alive',
      '',
    ]);
  });

  it('is reached by what its inventory says, its host key known', async () => {
    const inventory = readFileSync(join(testbed.folder, 'orch/testbed/inventory.yml'), 'utf8');
    const value = (name: string) => new RegExp(`${name}: "?([^"\n]+)"?`).exec(inventory)?.[1] ?? '';
    const args = value('ansible_ssh_common_args').split(' ');
    const strict = [
      '-o',
      'StrictHostKeyChecking=yes',
      '-o',
      'BatchMode=yes',
      '-i',
      value('ansible_ssh_private_key_file'),
    ];
    const target = ['-p', value('ansible_port'), `${value('ansible_user')}@${value('ansible_host')}`, 'hostname'];
    expect(execFileSync('ssh', ['-F', 'none', ...args, ...strict, ...target], { encoding: 'utf8' })).toBe('vm01\n');
  });

  it("leads to the agent's port", async () => {
    const host = testbed.state().hosts[0];
    // QEMU's gateway knocks again for whoever gave up while the host booted: such a connection says nothing.
    const perl =
      'use IO::Socket::INET; $l = IO::Socket::INET->new(LocalPort => 7411, Listen => 1, ReuseAddr => 1); print "ok\n"; ' +
      'close(STDOUT); do { $c = $l->accept } until defined <$c>; print $c "agent here\n"; $c->flush; <$c>;';
    // In the background, with a login's streams closed, as an agent runs.
    const started = await testbed.on(
      'vm01',
      `cat > /tmp/server; (perl /tmp/server > /tmp/out 2>&1 < /dev/null &); until grep -q ok /tmp/out; do sleep 0.1; done`,
      perl,
    );
    expect(started.code).toBe(0);
    expect(await answer(host?.agentPort ?? 0)).toBe('agent here\n');
  });

  it('has hosts that connect to each other', async () => {
    const greeting = await testbed.on(
      'vm01',
      'timeout 10 bash -c "read -r line </dev/tcp/172.16.91.14/22; echo \\$line"',
    );
    expect(greeting).toMatchObject({ code: 0, stdout: expect.stringMatching(/^SSH-2/) });
  });

  it('has a user who becomes root by password only', async () => {
    const refused = await testbed.on(
      'vm01',
      'setpriv --reuid lab --regid lab --init-groups sudo -S -k id -u',
      'wrong\n',
    );
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    const password = `${testbed.state().labPassword}\n`;
    const granted = await testbed.on(
      'vm01',
      'setpriv --reuid lab --regid lab --init-groups sudo -S -k id -u',
      password,
    );
    expect(granted).toMatchObject({ code: 0, stdout: '0\n' });
  });

  it('is up once: a second up does nothing, another wish is refused', async () => {
    const before = testbed.state();
    expect(await up()).toMatchObject({ code: 0, stderr: expect.stringContaining('already up') });
    expect(testbed.state()).toEqual(before);
    const other = await testbed.orch(['testbed', 'up', '--hosts', '3']);
    expect(other).toMatchObject({ code: 4, stderr: expect.stringContaining('Another testbed is up') });
    const alone = await testbed.orch(['testbed', 'reset', 'vm01']);
    expect(alone).toMatchObject({ code: 4, stderr: expect.stringContaining('for the whole testbed') });
    expect(testbed.state()).toEqual(before);
  });

  // A boot takes its time: one kind of VM is tried with the one, the others with the other.
  if (power) {
    it('cuts the power of a host, which boots from what is on its disk; a panic still ends it', async () => {
      await testbed.on('vm02', 'echo written > /kept; sync /kept; ip netns add memory; echo lost > /lost');
      expect(await testbed.orch(['testbed', 'power-cycle', 'vm02'])).toMatchObject({ code: 0 });
      expect(await testbed.on('vm02', 'cat /kept /lost; ls /run/netns')).toMatchObject({ stdout: 'written\n' });
      await testbed.on('vm02', '(sleep 0.1; echo c > /proc/sysrq-trigger) > /dev/null 2>&1 &');
      await expect.poll(() => testbed.orch(['testbed', 'status']), { timeout: 20_000 }).toMatchObject({ code: 2 });
    });
  } else {
    it('says that a host died, and brings it back', async () => {
      process.kill(testbed.state().processes.vm02?.pid ?? 0, 'SIGKILL');
      const seen = await testbed.orch(['testbed', 'status']);
      expect(seen).toMatchObject({ code: 2, stdout: expect.stringMatching(/vm01 .* up .*\n.*vm02 .* DEAD /) });
      expect(await up()).toMatchObject({ code: 0, stderr: expect.stringContaining('vm02 had died') });
      expect(await testbed.on('vm01', 'fping 172.16.91.14')).toMatchObject({ stdout: '172.16.91.14 is alive\n' });
    });

    it('says that its gateway died, and starts anew', async () => {
      process.kill(testbed.state().processes.gateway?.pid ?? 0, 'SIGKILL');
      const seen = await testbed.orch(['testbed', 'status']);
      expect(seen).toMatchObject({ code: 2, stdout: expect.stringContaining('the gateway is DEAD') });
      expect(await up()).toMatchObject({ code: 0, stderr: expect.stringContaining('gateway had died') });
      expect(await testbed.on('vm01', 'fping 172.16.91.14')).toMatchObject({ stdout: '172.16.91.14 is alive\n' });
    });
  }

  it('leaves nothing when it goes', async () => {
    expect(await testbed.orch(['testbed', 'down'])).toMatchObject({ code: 0 });
    expect(testbed.remains()).toEqual([]);
    expect(existsSync(join(testbed.folder, 'orch/testbed'))).toBe(false);
    expect(await testbed.orch(['testbed', 'down'])).toMatchObject({ code: 0 });
  });

  it('leaves nothing when its start is interrupted', async () => {
    const interrupted = await testbed.orch(['testbed', 'up', ...options], { kill: [/waiting for vm01, vm02/] });
    expect(interrupted).toMatchObject({
      code: 130,
      stderr: expect.stringContaining('nothing that was started is left'),
    });
    expect(testbed.remains()).toEqual([]);
    expect(existsSync(join(testbed.folder, 'orch/testbed'))).toBe(false);
  });
});

describe('namespaces', () => {
  const [one, two] = [ownTestbed(), ownTestbed()];

  beforeAll(async () => {
    const ups = [one, two].map((each) => each.orch(['testbed', 'up', '--driver', 'netns', '--hosts', '3']));
    expect(await Promise.all(ups)).toMatchObject([{ code: 0 }, { code: 0 }]);
  });

  afterAll(() => Promise.all([one.end(), two.end()]));

  it('of two testbeds do not meet', async () => {
    await one.on('vm01', 'ip netns add only-one; echo changed > /etc/hostname; touch /var/lib/orch/x');
    expect(await two.on('vm01', 'ip netns; cat /etc/hostname; ls /var/lib/orch')).toMatchObject({ stdout: 'vm01\n' });
    expect(await one.on('vm03', 'fping 172.16.91.10')).toMatchObject({ code: 0 });
  });

  it('have no power that could be cut', async () => {
    const { code, stderr } = await one.orch(['testbed', 'power-cycle', 'vm01']);
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining('no power to cut') });
  });

  it("keep the machine's own as it was", async () => {
    expect(execFileSync('ip', ['route', 'show', 'to', 'match', '172.16.91.0/24'], { encoding: 'utf8' })).not.toContain(
      '172.16.91',
    );
    expect(execFileSync('ip', ['-4', 'address'], { encoding: 'utf8' })).not.toContain('172.16.91.');
    expect(execFileSync('ip', ['netns'], { encoding: 'utf8' })).not.toContain('only-one');
    expect(readFileSync('/etc/passwd', 'utf8')).not.toMatch(/^lab:/m);
  });
});

describe('wishes', () => {
  const testbed = ownTestbed();
  afterAll(() => testbed.end());

  it.each([
    [['up', '--hosts', '0'], '--hosts takes a number from 1 to 23.'],
    [['up', '--driver', 'docker'], 'Choices: "auto", "netns", "qemu"'],
    [['up', '--driver', 'netns', '--release', 'bookworm'], '--release is for VMs'],
    [['ssh', 'vm01'], 'No testbed is up.'],
    [['dance'], 'Choices:'],
  ])('%j is refused', async (args, message) => {
    const { code, stderr } = await testbed.orch(['testbed', ...args]);
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining(message) });
  });
});
