import { expect, it } from 'vitest';
import { distributionFacts, packageManager } from '../../agent/modules/shared/facts/distribution.ts';
import { fakeHost, hostAnswers } from './fake-host.ts';

/** Asked for where os-release(5) says nothing known. */
const none = { '/etc/redhat-release': null, '/etc/arch-release': null };

/** A host with such an os-release(5), and more files. */
function hostOf(release: Readonly<Record<string, string>>, more: Readonly<Record<string, unknown>> = {}) {
  const content = Object.entries(release).map(([key, value]) => `${key}="${value}"\n`);
  return fakeHost(hostAnswers.parse({ files: { ...none, '/etc/os-release': { content: content.join('') }, ...more } }));
}

const oracle = { ID: 'ol', NAME: 'Oracle Linux Server', VERSION_ID: '9.4', VERSION: '9.4' };
const stream = { ID: 'centos', NAME: 'CentOS Stream', VERSION_ID: '9', VERSION: '9' };
const rocky = { ID: 'rocky', NAME: 'Rocky Linux', VERSION_ID: '9.4', VERSION: '9.4 (Blue Onyx)' };
const mint = { ID: 'linuxmint', NAME: 'Linux Mint', VERSION_ID: '22', VERSION_CODENAME: 'wilma' };
const lmde = { ID: 'linuxmint', NAME: 'LMDE', VERSION_ID: '6', VERSION_CODENAME: 'faye' };

it.each([
  [oracle, 'OracleLinux 9.4 9 NA RedHat'],
  [{ ID: 'amzn', NAME: 'Amazon Linux', VERSION_ID: '2023' }, 'Amazon 2023 2023 NA RedHat'],
  [rocky, 'Rocky 9.4 9 Blue Onyx RedHat'],
  [mint, 'Linux Mint 22 22 wilma Debian'],
  [lmde, 'Linux Mint Debian Edition 6 6 faye Debian'],
  [{ ID: 'pop', NAME: 'Pop!_OS', VERSION_ID: '22.04', VERSION_CODENAME: 'jammy' }, 'Pop!_OS 22.04 22 jammy Debian'],
  [{ ID: 'sles', NAME: 'SLES', VERSION_ID: '15.6' }, 'SLES 15.6 15 6 Suse'],
  [{ ID: 'sles', NAME: 'SLES', VERSION_ID: '15' }, 'SLES 15 15 0 Suse'],
  [{ ID: 'alinux', NAME: 'Alibaba Cloud Linux', VERSION_ID: '3' }, 'Alibaba 3 3 NA RedHat'],
  [
    { ID: 'opensuse-tumbleweed', NAME: 'openSUSE Tumbleweed', VERSION_ID: '20261130' },
    'openSUSE Tumbleweed 20261130 20261130  Suse',
  ],
  [{ ID: 'opensuse-tumbleweed', NAME: 'openSUSE Tumbleweed' }, 'openSUSE Tumbleweed NA NA  Suse'],
  [{ ID: 'manjaro', NAME: 'Manjaro Linux' }, 'Archlinux NA NA NA Archlinux'],
  [{ ID: 'constructor', NAME: 'Mine' }, 'Mine NA NA NA Mine'],
  [{ ID: 'nixos', NAME: 'NixOS', VERSION_ID: '24.11' }, 'NixOS 24.11 24 NA NixOS'],
])('%o', async (release, told) => {
  const facts = await distributionFacts(hostOf(release));
  const names = ['', '_version', '_major_version', '_release'].map((name) => facts[`ansible_distribution${name}`]);
  expect([...names, facts.ansible_os_family].join(' ')).toBe(told);
});

it.each([
  ['Fedora', 'RedHat', { '/etc/redhat-release': { content: 'Fedora Asahi Remix release 41 (Forty One)\n' } }],
  ['RedHat', 'RedHat', { '/etc/redhat-release': { content: 'Red Hat Enterprise Linux CoreOS release 4.14\n' } }],
  ['Archlinux', 'Archlinux', { '/etc/arch-release': { content: '' } }],
])('%s by a file of its own', async (name, family, files) => {
  const facts = await distributionFacts(hostOf({ ID: 'mine', NAME: 'Mine' }, files));
  expect(facts).toMatchObject({ ansible_distribution: name, ansible_os_family: family });
});

it('an os-release of the vendor alone counts, and Amazon has a minor version in any case', async () => {
  const content = 'ID=amzn\nVERSION_ID="2023"\n';
  const files = { '/etc/os-release': null, '/usr/lib/os-release': { content } };
  expect(await distributionFacts(hostOf({}, files))).toMatchObject({
    ansible_distribution: 'Amazon',
    ansible_distribution_minor_version: 'NA',
  });
});

it.each([
  ['CentOS Linux release 7.9.2009 (Core)', '7.9'],
  ['CentOS Stream release 9', '9'],
])('CentOS tells its point release in a file of its own: %s', async (content, version) => {
  const facts = await distributionFacts(hostOf(stream, { '/etc/centos-release': { content } }));
  expect(facts).toMatchObject({ ansible_distribution_version: version, ansible_distribution_release: 'Stream' });
});

const dnf5 = { kind: 'symlink', target: 'dnf5' };
const opkg = { '/usr/bin/dnf': null, '/usr/bin/apt-get': null, '/bin/opkg': {} };
const missing = {
  '/bin/opkg': null,
  '/usr/bin/zypper': null,
  '/usr/bin/pacman': null,
  '/sbin/apk': null,
  '/usr/bin/emerge': null,
};
it.each([
  ['Debian', {}, 'apt'],
  ['RedHat', { '/usr/bin/dnf': dnf5, '/usr/bin/dnf5': {} }, 'dnf5'],
  ['RedHat', { '/usr/bin/dnf': { kind: 'symlink', target: 'dnf-3' }, '/usr/bin/dnf-3': {} }, 'dnf'],
  ['RedHat', { '/run/ostree-booted': {} }, 'atomic_container'],
  ['OpenWrt', { ...missing, ...opkg }, 'opkg'],
  ['RedHat', { '/usr/bin/dnf': null, '/usr/bin/microdnf': {} }, 'dnf'],
  ['RedHat', { '/usr/bin/dnf': null, '/usr/bin/microdnf': null }, 'unknown'],
  ['Suse', { ...missing, '/usr/bin/dnf': null, '/usr/bin/apt-get': {}, '/usr/bin/zypper': {} }, 'zypper'],
  ['NixOS', { ...missing, '/usr/bin/dnf': null, '/usr/bin/apt-get': null }, 'unknown'],
])('packages of %s with %o are for %s', async (family, files, name) => {
  const host = hostOf({}, { '/usr/bin/xbps-install': null, '/run/ostree-booted': null, ...files });
  expect(await packageManager(host, family)).toBe(name);
});
