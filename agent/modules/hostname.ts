import * as z from 'zod';
import type { Action } from '../linux/action.ts';
import { defineModule } from './module.ts';
import { runBySystemd } from './shared/systemd.ts';
import { taken } from './shared/taken.ts';

interface Current {
  readonly present: string;
  /** Content of /etc/hostname. */
  readonly kept: string;
  readonly systemd: boolean;
}

function exec(...argv: string[]): Action {
  return { op: 'exec', command: { argv } };
}

/** What sets the name now and for later: hostnamectl(1) where systemd runs, else the file and hostname(1). */
function setting(name: string, systemd: boolean): readonly Action[] {
  if (systemd) return [exec('hostnamectl', 'set-hostname', name)];
  const content = Buffer.from(`${name}\n`).toString('base64');
  return [{ op: 'file', file: { do: 'write', path: '/etc/hostname', content } }, exec('hostname', name)];
}

/** What Ansible calls the ways of systems to keep a name. */
const strategies = [
  ...['alpine', 'debian', 'freebsd', 'generic', 'macos', 'macosx', 'darwin', 'openbsd', 'openrc', 'redhat', 'sles'],
  ...['solaris', 'systemd'],
] as const;

export const module = defineModule({
  name: 'hostname',
  form: 'converge',
  summary: "Sets the host's name, now and for later.",
  examples: ['hostname:\n  name: vm01'],
  params: z.strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,62}[A-Za-z0-9])?$/, 'is no name for a host')
      .describe('The name.'),
    use: taken('the host tells what it needs', z.enum(strategies)),
  }),
  objects: () => ['hostname'],

  async read(_params, host): Promise<Current> {
    const present = (await host.sysctl('kernel/hostname')) ?? '';
    const kept = (await host.readFile('/etc/hostname'))?.toString('utf8').trim() ?? '';
    return { present, kept, systemd: await runBySystemd(host) };
  },

  plan({ name }, { present, kept, systemd }) {
    const view = (of: string) => `hostname = ${of}\n`;
    const before = view(present);
    const [ansible_hostname, ...domain] = name.split('.');
    const names = { ansible_hostname, ansible_nodename: name, ansible_fqdn: name, ansible_domain: domain.join('.') };
    const result = { name, ansible_facts: names };
    if (present === name && kept === name) return { steps: [], before, after: before, result };
    const back = setting(present, systemd);
    const steps = setting(name, systemd).map((action, nth) => ({
      object: 'hostname',
      ...(nth === 0 ? {} : { part: 'now' }),
      action,
      undo: back[nth] === undefined ? [] : [back[nth]],
    }));
    return { steps, before, after: view(name), result };
  },
});
