import type { Host } from '../../../linux/host.ts';
import type { Facts } from './read.ts';

/** A name server that does not answer must not hold up a run for what a host calls itself. */
const patience = { onlyReads: true, timeoutMs: 3000 };

/** The host's own name as resolvers have it: of the names of its address the first with a domain, else the first; as Python's getfqdn(). */
async function fullName(host: Host, nodename: string): Promise<string> {
  if (nodename === '') return nodename;
  const ask = async (database: string, key: string) => {
    const { status, stdout } = await host.exec({ argv: ['getent', database, key] }, patience);
    const [line = ''] = status === 0 ? stdout.split('\n') : [];
    return line.split(/\s+/).filter(Boolean);
  };
  const [address] = await ask('ahosts', nodename);
  if (address === undefined) return nodename;
  const [, ...names] = await ask('hosts', address);
  return names.find((name) => name.includes('.')) ?? names[0] ?? nodename;
}

/** Facts about the host's names. */
export async function nameFacts(host: Host): Promise<Facts> {
  const nodename = ((await host.sysctl('kernel/hostname')) ?? '').trim();
  const fqdn = await fullName(host, nodename);
  return {
    ansible_hostname: nodename.split('.')[0] ?? '',
    ansible_nodename: nodename,
    ansible_fqdn: fqdn,
    ansible_domain: fqdn.split('.').slice(1).join('.'),
  };
}
