import { OrchError } from '../../../../proto/errors.ts';
import type { Host } from '../../../linux/host.ts';
import { runBySystemd } from '../systemd.ts';
import { type Facts, readLine, readText, unlessRefused } from './read.ts';

/** What Python says of itself, as JSON. */
const askPython = `
import json, sys
try:
    from ssl import SSLContext
except ImportError:
    SSLContext = None
named = ('major', 'minor', 'micro', 'releaselevel', 'serial')
print(json.dumps({
    'version': {name: getattr(sys.version_info, name) for name in named},
    'version_info': list(sys.version_info),
    'executable': sys.executable,
    'has_sslcontext': SSLContext is not None,
    'type': sys.implementation.name,
}))
`;

interface Python {
  readonly version: Readonly<Record<'major' | 'minor' | 'micro', number>>;
}

/** What a program prints; undefined where it is not there, or fails. */
async function printed(host: Host, argv: readonly string[], stdin?: string): Promise<string | undefined> {
  try {
    const { status, stdout } = await host.exec({ argv, stdin }, { onlyReads: true, timeoutMs: 10_000 });
    return status === 0 ? stdout : undefined;
  } catch (error) {
    if (error instanceof OrchError) return undefined;
    throw error;
  }
}

/** ansible_python and ansible_python_version, of the python3 of the PATH; none where there is none. */
async function pythonFacts(host: Host): Promise<Facts> {
  const said = await printed(host, ['python3', '-I', '-'], askPython);
  if (said === undefined) return {};
  const python = JSON.parse(said) as Python;
  const { major, minor, micro } = python.version;
  return { ansible_python: python, ansible_python_version: `${major}.${minor}.${micro}` };
}

/** ansible_lsb, of lsb_release(1), or of its file. */
async function lsbFacts(host: Host): Promise<Facts> {
  const said = (await host.stat('/usr/bin/lsb_release')) && (await printed(host, ['/usr/bin/lsb_release', '-a']));
  const file = said ? '' : await readText(host, '/etc/lsb-release');
  const of = (word: string, key: string) => {
    const [, value] = new RegExp(`^(?:${word}:\\s*|DISTRIB_${key}=)"?(.*?)"?$`, 'm').exec(said || file) ?? [];
    return value;
  };
  const release = of('Release', 'RELEASE');
  if (release === undefined) return { ansible_lsb: {} };
  return {
    ansible_lsb: {
      id: of('Distributor ID', 'ID'),
      description: of('Description', 'DESCRIPTION'),
      release,
      codename: of('Codename', 'CODENAME'),
      major_release: release.split('.')[0],
    },
  };
}

/** The public keys by which the host is known to ssh: ansible_ssh_host_key_ed25519_public and its like. */
async function sshKeyFacts(host: Host): Promise<Facts> {
  const keys = ['dsa', 'rsa', 'ecdsa', 'ed25519'].map(async (kind): Promise<Facts> => {
    const line = await readLine(host, `/etc/ssh/ssh_host_${kind}_key.pub`);
    const [type, key] = line?.split(/\s+/) ?? [];
    if (key === undefined) return {};
    return { [`ansible_ssh_host_key_${kind}_public`]: key, [`ansible_ssh_host_key_${kind}_public_keytype`]: type };
  });
  return Object.assign({}, ...(await Promise.all(keys))) as Facts;
}

/** ansible_systemd, where that runs the host. */
async function systemdFacts(host: Host): Promise<Facts> {
  const said = (await runBySystemd(host)) && (await printed(host, ['systemctl', '--version']));
  if (!said) return {};
  const [first = '', features = ''] = said.split('\n');
  return { ansible_systemd: { version: Number(first.split(' ')[1]), features } };
}

/** What the agent may do, as capsh(1) says it: all (`=ep`), or what is listed; "N/A" where that is not there. */
async function capabilityFacts(host: Host): Promise<Facts> {
  const [, current] = /^Current: *(.*)$/m.exec((await printed(host, ['capsh', '--print'])) ?? '') ?? [];
  if (current === undefined) return { ansible_system_capabilities: 'N/A', ansible_system_capabilities_enforced: 'N/A' };
  const enforced = current.trim() !== '=ep';
  const listed = enforced ? (current.split('=')[1] ?? '').split(',').map((name) => name.trim()) : [];
  return {
    ansible_system_capabilities: listed,
    ansible_system_capabilities_enforced: enforced ? 'True' : 'False',
  };
}

async function isChroot(host: Host): Promise<boolean> {
  // Who is no root may not look at what the first process has.
  const first = await unlessRefused(host.stat('/proc/1/root/.'));
  const own = await host.stat('/');
  return own?.inode !== undefined && first?.inode !== undefined && own.inode !== first.inode;
}

/** Facts about what guards the host and what it runs: Python, LSB, keys of ssh, AppArmor, FIPS. */
export async function softwareFacts(host: Host): Promise<Facts> {
  const told = await Promise.all(
    [pythonFacts, lsbFacts, sshKeyFacts, systemdFacts, capabilityFacts].map((facts) => facts(host)),
  );
  const apparmor = (await host.stat('/sys/kernel/security/apparmor')) !== undefined;
  const initiator = /^InitiatorName=(.*)$/m.exec(await readText(host, '/etc/iscsi/initiatorname.iscsi'))?.[1];
  const [one, five, fifteen] = (await readText(host, '/proc/loadavg')).split(' ').map(Number);
  return {
    ...(Object.assign({}, ...told) as Facts),
    ansible_apparmor: { status: apparmor ? 'enabled' : 'disabled' },
    ansible_fips: (await host.sysctl('crypto/fips_enabled'))?.trim() === '1',
    ansible_is_chroot: await isChroot(host),
    ansible_loadavg: { '1m': one, '5m': five, '15m': fifteen },
    ansible_iscsi_iqn: initiator ?? '',
    ansible_hostnqn: (await readLine(host, '/etc/nvme/hostnqn')) ?? '',
  };
}
