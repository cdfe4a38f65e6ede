import { describe, expect, it } from 'vitest';
import { planHosts } from '../../controller/testbed/plan.ts';
import { gatewayArgv, hostArgv, machineFor } from '../../controller/testbed/qemu-argv.ts';

const id = 'a1b2c3d4';
const hosts = planHosts(2, id).map((host, index) => ({ ...host, sshPort: 40_001 + index, agentPort: 40_101 + index }));
const [vm01] = hosts;

/** The value after each occurrence of an option. */
function valuesOf(argv: readonly string[], option: string): string[] {
  return argv.flatMap((word, index) => (word === option ? [argv[index + 1] ?? ''] : []));
}

describe('gateway', () => {
  const argv = gatewayArgv(id, hosts);

  it('has no machine, and lets nothing out', () => {
    expect(valuesOf(argv, '-M')).toEqual(['none']);
    expect(valuesOf(argv, '-netdev')[0]).toContain('net=172.16.91.0/24,host=172.16.91.2,restrict=on,');
  });

  it("leads ports of 127.0.0.1 to each host's sshd and agent", () => {
    expect(valuesOf(argv, '-netdev')[0]?.match(/hostfwd=[^,]+/g)).toEqual([
      'hostfwd=tcp:127.0.0.1:40001-172.16.91.10:22',
      'hostfwd=tcp:127.0.0.1:40101-172.16.91.10:7411',
      'hostfwd=tcp:127.0.0.1:40002-172.16.91.14:22',
      'hostfwd=tcp:127.0.0.1:40102-172.16.91.14:7411',
    ]);
  });

  it('is plugged into the segment', () => {
    expect(valuesOf(argv, '-netdev').slice(1)).toEqual([
      'hubport,id=hub-user,hubid=0,netdev=user',
      'stream,id=net,server=off,addr.type=unix,addr.path=segment-gateway.sock',
      'hubport,id=hub-net,hubid=0,netdev=net',
    ]);
  });
});

describe('host', () => {
  const image = { kernel: '/c/vmlinuz', root: '/c,d/root.ext4' };
  const argv = vm01 ? hostArgv(id, vm01, image, machineFor('x64', false)) : [];

  it('shares the root filesystem and writes to a snapshot of it', () => {
    expect(valuesOf(argv, '-drive')).toEqual(['file=/c,,d/root.ext4,if=none,id=root,format=raw,snapshot=on']);
  });

  it('is plugged into the segment', () => {
    expect(valuesOf(argv, '-netdev')).toEqual(['stream,id=net,server=off,addr.type=unix,addr.path=segment-host.sock']);
  });

  it('ends when its kernel panics', () => {
    expect(argv).toContain('-no-reboot');
    expect(valuesOf(argv, '-append')[0]).toContain('panic=-1');
  });

  it('does not panic for a timer that it sees late', () => {
    expect(valuesOf(argv, '-append')[0]).toContain('console=ttyS0 no_timer_check ');
  });
});

describe('machine', () => {
  it.each([
    [
      'x64',
      false,
      'qemu-system-x86_64',
      '-M q35 -accel tcg,thread=multi -cpu max,la57=off',
      'console=ttyS0 no_timer_check',
    ],
    ['x64', true, 'qemu-system-x86_64', '-M q35 -accel kvm -cpu host', 'console=ttyS0 no_timer_check'],
    ['arm64', false, 'qemu-system-aarch64', '-M virt -accel tcg,thread=multi -cpu max', 'console=ttyAMA0'],
  ])('%s, kvm %s', (arch, kvm, program, words, kernelArguments) => {
    expect(machineFor(arch, kvm)).toEqual({ program, arguments: words.split(' '), kernelArguments });
  });
});
