import type { Host } from '../../../linux/host.ts';
import { endOfLinks } from '../files/links.ts';
import { type Facts, readText } from './read.ts';

/** Ansible's names of distributions by the ID of os-release(5), where they are not its NAME. */
const names = new Map(
  Object.entries({
    ...{
      debian: 'Debian',
      raspbian: 'Debian',
      ubuntu: 'Ubuntu',
      linuxmint: 'Linux Mint',
      kali: 'Kali',
      parrot: 'Parrot',
    },
    ...{ devuan: 'Devuan', deepin: 'Deepin', uos: 'Uos', steamos: 'SteamOS', 'cumulus-linux': 'Cumulus Linux' },
    ...{
      fedora: 'Fedora',
      rhel: 'RedHat',
      centos: 'CentOS',
      rocky: 'Rocky',
      almalinux: 'AlmaLinux',
      ol: 'OracleLinux',
    },
    ...{
      amzn: 'Amazon',
      alinux: 'Alibaba',
      scientific: 'Scientific',
      cloudlinux: 'CloudLinux',
      eurolinux: 'EuroLinux',
    },
    ...{ virtuozzo: 'Virtuozzo', miraclelinux: 'MIRACLE', tencentos: 'TencentOS' },
    ...{ arch: 'Archlinux', archarm: 'Archlinux', manjaro: 'Archlinux', endeavouros: 'Archlinux' },
    ...{ alpine: 'Alpine', openwrt: 'OpenWrt', flatcar: 'Flatcar' },
  }),
);

/** Families of distributions that are not called as they are. */
const families: Readonly<Record<string, readonly string[]>> = {
  RedHat: [
    ...[
      'RedHat',
      'Fedora',
      'CentOS',
      'Rocky',
      'AlmaLinux',
      'OracleLinux',
      'Amazon',
      'Scientific',
      'CloudLinux',
      'Alibaba',
    ],
    ...['EuroLinux', 'Virtuozzo', 'MIRACLE', 'TencentOS', 'openEuler', 'EulerOS', 'XenServer'],
    'Kylin Linux Advanced Server',
  ],
  Debian: [
    ...['Debian', 'Ubuntu', 'Linux Mint', 'Linux Mint Debian Edition', 'Kali', 'Parrot', 'Devuan', 'Deepin', 'Uos'],
    ...['SteamOS', 'Cumulus Linux', 'KDE neon', 'Pop!_OS', 'Pardus GNU/Linux', 'OSMC'],
  ],
  Suse: [
    ...['SLES', 'SLED', 'SLES_SAP', 'SL-Micro', 'openSUSE', 'openSUSE Leap', 'openSUSE Tumbleweed', 'openSUSE MicroOS'],
    'ALP-Dolomite',
  ],
  ClearLinux: ['Clear Linux OS', 'Clear Linux Mix'],
};

/** KEY=value lines of os-release(5), unquoted. */
function osRelease(text: string): Readonly<Record<string, string>> {
  const pairs = [...text.matchAll(/^([A-Z_]+)=(.*)$/gm)];
  return Object.fromEntries(pairs.map(([, key, value = '']) => [key, value.replace(/^(["'])(.*)\1$/, '$2')]));
}

/** The version where os-release(5) has no point release: Debian and CentOS tell it apart. */
async function preciseVersion(host: Host, id: string): Promise<string | undefined> {
  if (id === 'debian') return /^\d.*/.exec((await readText(host, '/etc/debian_version')).trim())?.[0];
  return id === 'centos' ? /\d+\.\d+/.exec(await readText(host, '/etc/centos-release'))?.[0] : undefined;
}

/** What a release is called beside its number. */
function releaseName(release: Readonly<Record<string, string>>, family: string): string {
  if (family === 'Suse') return release.VERSION_ID?.split('.')[1] ?? (release.NAME?.startsWith('SL') ? '0' : '');
  if (release.NAME === 'CentOS Stream') return 'Stream';
  return release.VERSION_CODENAME ?? /\(([^)]+)\)/.exec(release.VERSION ?? '')?.[1] ?? 'NA';
}

/** Ansible's name; where the ID says nothing to it, that of a file that distributions of a kind have. */
async function nameOf(host: Host, { ID: id = '', NAME: own = 'Linux' }: Readonly<Record<string, string>>) {
  if (own === 'LMDE') return 'Linux Mint Debian Edition';
  const known =
    names.get(id) ?? (await readText(host, '/etc/redhat-release')).replace(/^Red Hat/, 'RedHat').split(/\s/)[0];
  return known || ((await host.stat('/etc/arch-release')) === undefined ? own : 'Archlinux');
}

/** Facts about the distribution. */
export async function distributionFacts(host: Host): Promise<Facts & { readonly ansible_os_family: string }> {
  const text = (await readText(host, '/etc/os-release')) || (await readText(host, '/usr/lib/os-release'));
  const release = osRelease(text);
  const name = await nameOf(host, release);
  const family = Object.keys(families).find((each) => families[each]?.includes(name)) ?? name;
  const version = (await preciseVersion(host, release.ID ?? '')) ?? release.VERSION_ID ?? 'NA';
  const [major, minor = name === 'Amazon' ? 'NA' : undefined] = version.split('.');
  return {
    ...{ ansible_distribution_file_parsed: true, ansible_distribution_file_path: '/etc/os-release' },
    ansible_distribution_file_variety: name,
    ansible_distribution: name,
    ansible_distribution_version: version,
    ansible_distribution_major_version: major,
    ...(minor === undefined ? {} : { ansible_distribution_minor_version: minor }),
    ansible_distribution_release: releaseName(release, family),
    ansible_os_family: family,
  };
}

/** Programs of package managers; the last that is there counts. */
const programs = [
  ['/usr/bin/dnf', 'dnf'],
  ['/usr/bin/apt-get', 'apt'],
  ['/usr/bin/zypper', 'zypper'],
  ['/usr/bin/pacman', 'pacman'],
  ['/bin/opkg', 'opkg'],
  ['/sbin/apk', 'apk'],
  ['/usr/bin/emerge', 'portage'],
  ['/usr/bin/xbps-install', 'xbps'],
] as const;

/** What Ansible installs packages with: on these two families what they are made with, whatever else is there. */
export async function packageManager(host: Host, family: string): Promise<string> {
  if (family === 'Debian') return 'apt';
  if (family === 'RedHat') {
    if ((await host.stat('/run/ostree-booted')) !== undefined) return 'atomic_container';
    for (const path of ['/usr/bin/dnf', '/usr/bin/microdnf']) {
      if ((await host.stat(path)) === undefined) continue;
      return (await endOfLinks(host, path)) === '/usr/bin/dnf5' ? 'dnf5' : 'dnf';
    }
    return 'unknown';
  }
  let found = 'unknown';
  for (const [path, name] of programs) if ((await host.stat(path)) !== undefined) found = name;
  return found;
}
