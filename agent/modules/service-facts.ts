import * as z from 'zod';
import type { Host } from '../linux/host.ts';
import { defineRunModule } from './module.ts';
import { ask } from './shared/programs.ts';
import { runBySystemd } from './shared/systemd.ts';

interface Service {
  readonly name: string;
  readonly state: string;
  readonly status?: string;
  readonly source: 'systemd' | 'sysv' | 'openrc';
  readonly runlevels?: readonly string[] | null;
}

/** What systemd says of a unit that is more worth telling than whether it is enabled. */
const bad = ['not-found', 'masked', 'failed'];

const list = ['--no-pager', '--no-legend', '--plain', '--full', '--type', 'service', '--all'];

/** What a program says; nothing where the host has none, or it fails. */
async function said(host: Host, ...argv: string[]): Promise<string> {
  const answer = await ask(host, argv).catch(() => undefined);
  return answer?.status === 0 ? answer.stdout : '';
}

function words(text: string): string[][] {
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim().split(/\s+/)]));
}

/** Units that systemd has in memory, and those that only have a file: these are inactive. None where it does not run the host. */
async function ofSystemd(host: Host): Promise<Service[]> {
  if (!(await runBySystemd(host))) return [];
  const files = new Map(
    words(await said(host, 'systemctl', 'list-unit-files', ...list)).map(([name = '', is = '']) => [name, is]),
  );
  const units = words(await said(host, 'systemctl', 'list-units', ...list)).map(
    ([name = '', load = '', active = '', sub = '']): Service => {
      const wrong = [load, active, sub].find((word) => bad.includes(word));
      const status = wrong ?? files.get(name) ?? active;
      files.delete(name);
      return { name, state: sub === 'running' ? 'running' : 'stopped', status, source: 'systemd' };
    },
  );
  const rest = [...files].map(([name, status]): Service => ({ name, state: 'inactive', status, source: 'systemd' }));
  return [...units, ...rest];
}

/** Lines of service(8): ` [ + ]  ssh`. */
async function ofInit(host: Host): Promise<Service[]> {
  const text = await said(host, 'service', '--status-all');
  return [...text.matchAll(/^ *\[ ([-+]) \]\s+(\S+)/gm)].map(([, sign, name = '']) => ({
    name,
    state: sign === '+' ? 'running' : 'stopped',
    source: 'sysv',
  }));
}

/** Services of OpenRC, and the runlevels of each: lines of rc-status(8), ` sshd  [  started  ]`, and of rc-update(8), ` sshd | default`. */
async function ofOpenrc(host: Host): Promise<Service[]> {
  const lines = (await said(host, 'rc-update', 'show', '-v')).matchAll(/^ *(\S+) *\|(.*)$/gm);
  const runlevels = new Map([...lines].map(([, name = '', levels = '']) => [name, words(levels)[0] ?? null]));
  const text = await said(host, 'rc-status', '-a', '-s', '-m');
  return [...text.matchAll(/^ +([^*\s]\S*)\s+\[\s*([^\]\s]+)/gm)].flatMap(([, name = '', state = '']): Service[] => {
    const levels = runlevels.get(name);
    return levels === undefined ? [] : [{ name, runlevels: levels, state, source: 'openrc' }];
  });
}

export const module = defineRunModule({
  name: 'service_facts',
  form: 'run',
  checkMode: 'run',
  summary: 'Gathers which services there are, and which run.',
  notes:
    'The fact `services` has each by its name ("ssh.service"): `state` running, stopped or inactive, `status` enabled, disabled, static, masked, not-found ... Scripts of init and services of OpenRC are told, too, without a suffix.',
  examples: ['service_facts:'],
  params: z.strictObject({}),
  async run(_params, host) {
    const all = [...(await ofInit(host)), ...(await ofOpenrc(host)), ...(await ofSystemd(host))];
    if (all.length === 0) {
      const msg = 'Failed to find any services. This can be due to privileges or some other configuration issue.';
      return { changed: false, skipped: true, message: msg, result: { msg } };
    }
    const services = Object.fromEntries(all.map((service) => [service.name, service]));
    return { changed: false, result: { ansible_facts: { services } } };
  },
});
