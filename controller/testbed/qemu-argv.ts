import { agentPort, network } from './plan.ts';
import { monitorSocket } from './qemu-monitor.ts';
import type { TestbedHost } from './state.ts';

/** What differs between the machines that QEMU can be here. */
export interface Machine {
  readonly program: string;
  readonly arguments: readonly string[];
  /** What its kernel is told of it. */
  readonly kernelArguments: string;
}

/**
 * The kernel tries a PC's timer by counting ticks, and panics ("IO-APIC + timer doesn't work") where a loaded machine has the
 * emulated processor wait meanwhile (timer_irq_works in arch/x86/kernel/apic/io_apic.c).
 */
const onPc = 'console=ttyS0 no_timer_check';

/** The machine for this processor: with hardware's help where `kvm`, else emulated with a thread for each CPU. */
export function machineFor(arch: string, kvm: boolean): Machine {
  // A fifth level of page tables costs an emulated processor a tenth of its time.
  const cpu = arch === 'arm64' ? 'max' : 'max,la57=off';
  const speed = kvm ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', 'tcg,thread=multi', '-cpu', cpu];
  return arch === 'arm64'
    ? { program: 'qemu-system-aarch64', arguments: ['-M', 'virt', ...speed], kernelArguments: 'console=ttyAMA0' }
    : { program: 'qemu-system-x86_64', arguments: ['-M', 'q35', ...speed], kernelArguments: onPc };
}

const bare = ['-nodefaults', '-no-user-config', '-display', 'none'];

/** Where cables are plugged into the segment. Paths are relative: a socket's may have 107 bytes at most. */
export const cableEnds = { host: 'segment-host.sock', gateway: 'segment-gateway.sock' } as const;

const cable = (end: string) => `stream,id=net,server=off,addr.type=unix,addr.path=${end}`;

/**
 * The user-mode gateway, a QEMU without a machine: it answers pings and leads ports of 127.0.0.1 to the hosts, and
 * nothing out (`restrict=on`). To be run in the testbed's folder.
 */
export function gatewayArgv(id: string, hosts: readonly TestbedHost[]): readonly string[] {
  const forwards = hosts.flatMap((host) => [
    `hostfwd=tcp:127.0.0.1:${host.sshPort}-${host.address}:22`,
    `hostfwd=tcp:127.0.0.1:${host.agentPort}-${host.address}:${agentPort}`,
  ]);
  const user = [`user,id=user,ipv6=off,net=${network.prefix}.0/24,host=${network.gateway},restrict=on`, ...forwards];
  return [
    ...['-name', `orch-${id}-gateway`, '-M', 'none', ...bare],
    ...['-netdev', user.join(','), '-netdev', 'hubport,id=hub-user,hubid=0,netdev=user'],
    ...['-netdev', cable(cableEnds.gateway), '-netdev', 'hubport,id=hub-net,hubid=0,netdev=net'],
  ];
}

/** One VM. It boots the kernel directly, without an initrd, and drops what it wrote when it ends (`snapshot=on`). */
export function hostArgv(
  id: string,
  host: TestbedHost,
  image: { readonly kernel: string; readonly root: string },
  machine: Machine,
): readonly string[] {
  const kernelArguments = [
    'root=/dev/nvme0n1 rw init=/usr/sbin/testbed-init',
    // A panic ends the VM (-no-reboot), so that it is seen.
    `${machine.kernelArguments} quiet panic=-1 mitigations=off`,
  ];
  // In an option a comma is doubled.
  const root = image.root.replaceAll(',', ',,');
  return [
    ...['-name', `orch-${id}-${host.name}`, ...machine.arguments, '-m', '768', ...bare, '-no-reboot'],
    ...['-qmp', `unix:${monitorSocket(host.name)},server=on,wait=off`],
    ...['-chardev', `file,id=console,path=${host.name}.log,append=on`, '-serial', 'chardev:console'],
    ...['-kernel', image.kernel, '-append', kernelArguments.join(' ')],
    ...['-drive', `file=${root},if=none,id=root,format=raw,snapshot=on`, '-device', 'nvme,drive=root,serial=root'],
    ...['-fw_cfg', `name=opt/orch.testbed,file=${host.name}.tar`],
    ...['-netdev', cable(cableEnds.host)],
    ...['-device', `virtio-net-pci,netdev=net,mac=${host.mac},romfile=`],
  ];
}
