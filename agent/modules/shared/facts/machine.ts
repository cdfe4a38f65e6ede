import type { Host } from '../../../linux/host.ts';
import { type Facts, readLine, readText } from './read.ts';

/** Files of /sys/class/dmi/id, by the facts that they are. */
const dmiFiles: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      ...['bios_date', 'bios_vendor', 'bios_version'],
      ...['board_asset_tag', 'board_name', 'board_serial', 'board_vendor', 'board_version'],
      ...['chassis_asset_tag', 'chassis_serial', 'chassis_vendor', 'chassis_version'],
      ...['product_name', 'product_serial', 'product_uuid', 'product_version'],
    ].map((name) => [name, name]),
  ),
  system_vendor: 'sys_vendor',
};

/** Kinds of chassis by their numbers in SMBIOS (DSP0134, 7.4.1), from 1. */
const chassis = [
  ...['Other', 'Unknown', 'Desktop', 'Low Profile Desktop', 'Pizza Box', 'Mini Tower', 'Tower', 'Portable', 'Laptop'],
  ...['Notebook', 'Hand Held', 'Docking Station', 'All In One', 'Sub Notebook', 'Space-saving', 'Lunch Box'],
  ...['Main Server Chassis', 'Expansion Chassis', 'Sub Chassis', 'Bus Expansion Chassis', 'Peripheral Chassis'],
  ...['RAID Chassis', 'Rack Mount Chassis', 'Sealed-case PC', 'Multi-system', 'CompactPCI', 'AdvancedTCA', 'Blade'],
  ...['Blade Enclosure', 'Tablet', 'Convertible', 'Detachable', 'IoT Gateway', 'Embedded PC', 'Mini PC', 'Stick PC'],
];

/** What the firmware says of the machine; "NA" for what it does not. */
export async function dmiFacts(host: Host): Promise<Facts> {
  const read = async (file: string) => (await readLine(host, `/sys/class/dmi/id/${file}`)) || 'NA';
  const facts = Object.entries(dmiFiles).map(async ([name, file]) => [`ansible_${name}`, await read(file)] as const);
  const kind = await read('chassis_type');
  return {
    ...Object.fromEntries(await Promise.all(facts)),
    ansible_form_factor: chassis[Number(kind) - 1] ?? kind,
  };
}

/** Hypervisors by what a machine's firmware says of product and vendor. */
const guests: readonly (readonly [
  fact: 'product_name' | 'system_vendor' | 'bios_vendor',
  says: RegExp,
  type: string,
])[] = [
  ['product_name', /^(?:KVM|KVM Server|Bochs|AHV|CloudStack KVM Hypervisor)$/, 'kvm'],
  ['product_name', /^RHEV Hypervisor$/, 'RHEV'],
  ['product_name', /^VMware/, 'VMware'],
  ['product_name', /^OpenStack/, 'openstack'],
  ['bios_vendor', /^Xen$/, 'xen'],
  ['bios_vendor', /^innotek GmbH$/, 'virtualbox'],
  ['bios_vendor', /^(?:Amazon EC2|DigitalOcean|Hetzner|Linode|Google)$/, 'kvm'],
  ['system_vendor', /^Microsoft Corporation$/, 'VirtualPC'],
  ['system_vendor', /^Parallels/, 'parallels'],
  ['system_vendor', /^OpenStack Foundation$/, 'openstack'],
  ['system_vendor', /^KubeVirt$/, 'KubeVirt'],
  ['system_vendor', /^oVirt$/, 'oVirt'],
  ['system_vendor', /^(?:QEMU|Amazon EC2|DigitalOcean|Google|Scaleway|Nutanix|Hetzner)$/, 'kvm'],
];

/** Kinds of containers by what the first process runs in, as Ansible looks for them, and that it is one. */
async function containersOf(host: Host): Promise<readonly string[]> {
  const group = await readText(host, '/proc/1/cgroup');
  const [, said] = /(?:^|\0)container=([^\0]+)/.exec(await readText(host, '/proc/1/environ')) ?? [];
  const found = [
    /\/docker(?:\/|-[0-9a-f]+\.scope)/.test(group) ? 'docker' : '',
    /\/lxc\/|\/machine\.slice\/machine-lxc/.test(group) ? 'lxc' : '',
    /\/system\.slice\/containerd\.service/.test(group) ? 'containerd' : '',
    said === undefined ? '' : (/^(?:lxc|podman)/.exec(said)?.[0] ?? 'container'),
    (await readLine(host, '/run/systemd/container')) ?? '',
    (await host.stat('/.dockerenv')) === undefined ? '' : 'docker',
    (await host.stat('/run/.containerenv')) === undefined ? '' : 'podman',
  ].filter((kind) => kind !== '');
  return found.length === 0 ? [] : [...found, 'container'];
}

async function isHost(host: Host): Promise<boolean> {
  if ((await host.stat('/dev/kvm')) !== undefined) return true;
  return /^kvm /m.test(await readText(host, '/proc/modules'));
}

/** Whether the host is a guest of something, or has guests, from the facts that its firmware gives. */
export async function virtualizationFacts(host: Host, dmi: Facts): Promise<Facts> {
  const containers = await containersOf(host);
  const found = guests.find(([fact, says]) => says.test(String(dmi[`ansible_${fact}`])))?.[2];
  const cpu = /^model name\s*:\s*QEMU Virtual CPU/m.test(await readText(host, '/proc/cpuinfo')) ? 'kvm' : undefined;
  const types = [...new Set([...containers, ...[found, cpu].flatMap((type) => type ?? [])])];
  const hosts = (await isHost(host)) ? ['kvm'] : [];
  const role = types.length > 0 ? 'guest' : hosts.length > 0 ? 'host' : 'NA';
  return {
    ansible_virtualization_type: types[0] ?? hosts[0] ?? 'NA',
    ansible_virtualization_role: role,
    ansible_virtualization_tech_guest: types,
    ansible_virtualization_tech_host: hosts,
  };
}
