import type { Host } from '../../../linux/host.ts';
import { runBySystemd } from '../systemd.ts';
import { accountFacts } from './account.ts';
import { deviceFacts } from './devices.ts';
import { distributionFacts, packageManager } from './distribution.ts';
import { nameFacts } from './host-name.ts';
import { dmiFacts, virtualizationFacts } from './machine.ts';
import { mountFacts } from './mounts.ts';
import { type Facts, readLine, readText } from './read.ts';
import { softwareFacts } from './software.ts';

/** Names of Node's architectures as uname(2) has them. */
const machines: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', arm: 'armv7l', ia32: 'i686' };

/** systemd, or what the first process is called. */
async function serviceManager(host: Host): Promise<string> {
  if (await runBySystemd(host)) return 'systemd';
  const first = (await readLine(host, '/proc/1/comm')) ?? '';
  if (first !== '' && first !== 'init' && !/sh$/.test(first)) return first;
  return (await host.stat('/etc/init.d')) === undefined ? 'service' : 'sysvinit';
}

/** ansible_cmdline of /proc/cmdline: words alone are true, of a name the last counts; ansible_proc_cmdline has all. */
function commandLine(text: string): Facts {
  const pairs = text
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => {
      const at = word.indexOf('=');
      return at < 0 ? [word, true] : [word.slice(0, at), word.slice(at + 1)];
    });
  const all = new Map<unknown, unknown[]>();
  for (const [name, value] of pairs) all.set(name, [...(all.get(name) ?? []), value]);
  const listed = [...all].map(([name, values]) => [name, values.length > 1 ? values : values[0]]);
  return {
    ansible_cmdline: Object.fromEntries(pairs) as Facts,
    ansible_proc_cmdline: Object.fromEntries(listed) as Facts,
  };
}

/** ansible_dns of resolv.conf(5). */
function dns(text: string): Facts {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const all = (keyword: string) => lines.filter(([first]) => first === keyword).map(([, ...words]) => words);
  const [servers, domain] = [all('nameserver').flat(), all('domain').findLast(([name]) => name !== undefined)];
  const [search, sortlist, options] = ['search', 'sortlist', 'options'].map((keyword) => all(keyword).at(-1));
  return {
    ...(servers.length > 0 ? { nameservers: servers } : {}),
    ...(search ? { search } : {}),
    ...(sortlist ? { sortlist } : {}),
    ...(options ? { options: Object.fromEntries(options.map(optionOf)) } : {}),
    ...(domain ? { domain: domain[0] } : {}),
  };
}

/** `ndots:2`, or a word that means yes. */
function optionOf(word: string): readonly [name: string, value: string | boolean] {
  const [, name = word, value] = /^([^:]*):(.*)$/.exec(word) ?? [];
  return [name, value || true];
}

/** ansible_selinux: what the kernel does, and what it is told to do when it starts. */
async function selinux(host: Host): Promise<Facts> {
  // In a container the folder may be there, and empty.
  if ((await host.stat('/sys/fs/selinux/enforce')) === undefined) return { status: 'disabled' };
  const config = await readText(host, '/etc/selinux/config');
  const said = (key: string) => new RegExp(`^${key}=(\\w+)`, 'm').exec(config)?.[1] ?? 'unknown';
  const enforced = await readLine(host, '/sys/fs/selinux/enforce');
  return {
    status: 'enabled',
    policyvers: Number(await readLine(host, '/sys/fs/selinux/policyvers')) || 'unknown',
    config_mode: said('SELINUX'),
    mode: { '1': 'enforcing', '0': 'permissive' }[enforced ?? ''] ?? 'unknown',
    type: said('SELINUXTYPE'),
  };
}

/** Facts about the kernel, the distribution and the host as a whole. */
export async function systemFacts(host: Host): Promise<Facts> {
  const kernel = async (key: string) => ((await host.sysctl(`kernel/${key}`)) ?? '').trim();
  const machine = machines[process.arch] ?? process.arch;
  const distribution = await distributionFacts(host);
  return {
    ansible_system: 'Linux',
    ansible_kernel: await kernel('osrelease'),
    ansible_kernel_version: await kernel('version'),
    ansible_architecture: machine,
    ansible_machine: machine,
    ...(await nameFacts(host)),
    ...distribution,
    ansible_service_mgr: await serviceManager(host),
    ansible_pkg_mgr: await packageManager(host, distribution.ansible_os_family),
    ...(await accountFacts(host)),
    ...(await softwareFacts(host)),
    ...(await virtualizationFacts(host, await dmiFacts(host))),
    ansible_userspace_bits: machine.endsWith('64') ? '64' : '32',
    ansible_userspace_architecture: machine,
    ansible_machine_id: (await readText(host, '/etc/machine-id')).trim(),
    ...commandLine(await readText(host, '/proc/cmdline')),
    ansible_dns: dns(await readText(host, '/etc/resolv.conf')),
    ansible_selinux_python_present: true,
    ansible_selinux: await selinux(host),
  };
}

/** Facts about the machine: its firmware, memory, processors, devices and file systems. */
export async function hardwareFacts(host: Host): Promise<Facts> {
  const memory = await readText(host, '/proc/meminfo');
  const megabytes = (key: string) =>
    Math.floor(Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(memory)?.[1] ?? 0) / 1024);
  const cpus = await readText(host, '/proc/cpuinfo');
  const of = (key: string) =>
    [...cpus.matchAll(new RegExp(`^${key}\\s*:\\s*(.*)$`, 'gm'))].map(([, value = '']) => value);
  const processors = of('processor').length;
  const [vendors, models] = [of('vendor_id'), of('model name')];
  const sockets = new Set(of('physical id')).size || processors;
  const cores = Number(of('cpu cores')[0] ?? 1);
  const threads = Math.max(1, Math.floor(Number(of('siblings')[0] ?? cores) / cores));
  const uptime = Number((await readText(host, '/proc/uptime')).split(' ')[0] ?? 0);
  const inUse = (total: number, free: number) => ({ free, used: total - free });
  const [total, swap] = [megabytes('MemTotal'), megabytes('SwapTotal')];
  const idle = ['MemFree', 'Cached', 'Buffers'].map(megabytes).reduce((sum, size) => sum + size, 0);
  return {
    ...(await dmiFacts(host)),
    ...(await deviceFacts(host)),
    ansible_memtotal_mb: megabytes('MemTotal'),
    ansible_memfree_mb: megabytes('MemFree'),
    ansible_swaptotal_mb: megabytes('SwapTotal'),
    ansible_swapfree_mb: megabytes('SwapFree'),
    ansible_memory_mb: {
      real: { total, ...inUse(total, megabytes('MemFree')) },
      nocache: inUse(total, idle),
      swap: { total: swap, ...inUse(swap, megabytes('SwapFree')), cached: megabytes('SwapCached') },
    },
    ansible_processor: of('processor').flatMap((number, at) => [number, vendors[at] ?? [], models[at] ?? []].flat()),
    ansible_processor_count: sockets,
    ansible_processor_cores: cores,
    ansible_processor_threads_per_core: threads,
    ansible_flags: of('flags')[0]?.split(' ') ?? [],
    ansible_mounts: await mountFacts(host),
    ansible_processor_vcpus: processors,
    ansible_processor_nproc: processors,
    ansible_uptime_seconds: Math.floor(uptime),
  };
}
