import type { Host } from '../../../linux/host.ts';
import { accountFacts } from './account.ts';
import { mountFacts } from './mounts.ts';

export type Facts = Record<string, unknown>;

async function readText(host: Host, path: string): Promise<string> {
  return (await host.readFile(path, 4 * 1024 * 1024))?.toString('utf8') ?? '';
}

/** Names of Node's architectures as uname(2) has them. */
const machines: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', arm: 'armv7l', ia32: 'i686' };

/** Ansible's names of distributions and families, by the ID of os-release(5). */
const distributions: Readonly<Record<string, readonly [name: string, family: string]>> = {
  debian: ['Debian', 'Debian'],
  ubuntu: ['Ubuntu', 'Debian'],
  raspbian: ['Raspbian', 'Debian'],
  fedora: ['Fedora', 'RedHat'],
  rhel: ['RedHat', 'RedHat'],
  centos: ['CentOS', 'RedHat'],
  rocky: ['Rocky', 'RedHat'],
  almalinux: ['AlmaLinux', 'RedHat'],
  alpine: ['Alpine', 'Alpine'],
  arch: ['Archlinux', 'Archlinux'],
  'opensuse-leap': ['openSUSE Leap', 'Suse'],
};

/** KEY=value lines of os-release(5), unquoted. */
function osRelease(text: string): Readonly<Record<string, string>> {
  const pairs = [...text.matchAll(/^([A-Z_]+)=(.*)$/gm)];
  return Object.fromEntries(pairs.map(([, key, value = '']) => [key, value.replace(/^(["'])(.*)\1$/, '$2')]));
}

async function distribution(host: Host): Promise<Facts> {
  const release = osRelease(await readText(host, '/etc/os-release'));
  const id = release.ID ?? '';
  const [name, family] = distributions[id] ?? [release.NAME ?? 'Linux', release.NAME ?? 'Linux'];
  // Debian's os-release has no point release.
  const precise = id === 'debian' ? (await readText(host, '/etc/debian_version')).trim() : '';
  const version = /^\d/.test(precise) ? precise : (release.VERSION_ID ?? 'NA');
  return {
    ansible_distribution: name,
    ansible_distribution_version: version,
    ansible_distribution_major_version: version.split('.')[0],
    ansible_distribution_release: release.VERSION_CODENAME ?? 'NA',
    ansible_os_family: family,
  };
}

const packageManagers = [
  ['/usr/bin/apt-get', 'apt'],
  ['/usr/bin/dnf', 'dnf'],
  ['/sbin/apk', 'apk'],
  ['/usr/bin/pacman', 'pacman'],
  ['/usr/bin/zypper', 'zypper'],
] as const;

async function packageManager(host: Host): Promise<string> {
  for (const [path, name] of packageManagers) if ((await host.stat(path)) !== undefined) return name;
  return 'unknown';
}

/** ansible_cmdline of /proc/cmdline: words alone are true. */
function commandLine(text: string): Facts {
  const pairs = text
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => {
      const at = word.indexOf('=');
      return at < 0 ? [word, true] : [word.slice(0, at), word.slice(at + 1)];
    });
  return { ansible_cmdline: Object.fromEntries(pairs) as Facts };
}

/** ansible_dns of resolv.conf(5). */
function dns(text: string): Facts {
  const said = (keyword: string) =>
    [...text.matchAll(new RegExp(`^${keyword}\\s+(.*)$`, 'gm'))].map(([, rest = '']) => rest.trim());
  const [servers, search, domain] = [said('nameserver'), said('search').at(-1), said('domain').at(-1)];
  return {
    ...(servers.length > 0 ? { nameservers: servers } : {}),
    ...(search === undefined ? {} : { search: search.split(/\s+/) }),
    ...(domain === undefined ? {} : { domain }),
  };
}

/** Facts about the kernel, the distribution and the names of the host. */
export async function systemFacts(host: Host): Promise<Facts> {
  const kernel = async (key: string) => ((await host.sysctl(`kernel/${key}`)) ?? '').trim();
  const nodename = await kernel('hostname');
  const [hostname = '', ...domain] = nodename.split('.');
  const machine = machines[process.arch] ?? process.arch;
  return {
    ansible_system: 'Linux',
    ansible_kernel: await kernel('osrelease'),
    ansible_kernel_version: await kernel('version'),
    ansible_architecture: machine,
    ansible_machine: machine,
    ansible_hostname: hostname,
    ansible_nodename: nodename,
    ansible_fqdn: nodename,
    ansible_domain: domain.join('.'),
    ...(await distribution(host)),
    ansible_service_mgr: (await host.stat('/run/systemd/system')) === undefined ? 'unknown' : 'systemd',
    ansible_pkg_mgr: await packageManager(host),
    ...(await accountFacts(host)),
    ansible_userspace_bits: machine.endsWith('64') ? '64' : '32',
    ansible_userspace_architecture: machine,
    ansible_machine_id: (await readText(host, '/etc/machine-id')).trim(),
    ...commandLine(await readText(host, '/proc/cmdline')),
    ansible_dns: dns(await readText(host, '/etc/resolv.conf')),
    ansible_selinux: { status: (await host.stat('/sys/fs/selinux')) === undefined ? 'disabled' : 'enabled' },
  };
}

/** Facts about memory and processors. */
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
  return {
    ansible_memtotal_mb: megabytes('MemTotal'),
    ansible_memfree_mb: megabytes('MemFree'),
    ansible_swaptotal_mb: megabytes('SwapTotal'),
    ansible_swapfree_mb: megabytes('SwapFree'),
    ansible_memory_mb: {
      real: {
        total: megabytes('MemTotal'),
        free: megabytes('MemFree'),
        used: megabytes('MemTotal') - megabytes('MemFree'),
      },
      swap: { total: megabytes('SwapTotal'), free: megabytes('SwapFree'), cached: megabytes('SwapCached') },
    },
    ansible_processor: of('processor').flatMap((number, at) => [number, vendors[at] ?? [], models[at] ?? []].flat()),
    ansible_processor_count: sockets,
    ansible_processor_cores: cores,
    ansible_processor_threads_per_core: threads,
    ansible_mounts: await mountFacts(host, await readText(host, '/proc/mounts')),
    ansible_processor_vcpus: processors,
    ansible_processor_nproc: processors,
    ansible_uptime_seconds: Math.floor(uptime),
  };
}

/** ansible_date_time, in the host's time zone. */
export function dateTime(now: Date): Facts {
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
  const offset = -now.getTimezoneOffset();
  const clock = Math.abs(offset);
  const utc = now.toISOString();
  return {
    ...{ date, time, year: String(now.getFullYear()), month: two(now.getMonth() + 1), day: two(now.getDate()) },
    ...{ hour: two(now.getHours()), minute: two(now.getMinutes()), second: two(now.getSeconds()) },
    weekday: now.toLocaleDateString('en-US', { weekday: 'long' }),
    epoch: String(Math.floor(now.getTime() / 1000)),
    iso8601: `${utc.slice(0, 19)}Z`,
    iso8601_micro: `${utc.slice(0, 23)}000Z`,
    tz: Intl.DateTimeFormat().resolvedOptions().timeZone,
    tz_offset: `${offset < 0 ? '-' : '+'}${two(Math.floor(clock / 60))}${two(clock % 60)}`,
  };
}
