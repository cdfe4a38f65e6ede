import { expect, test } from 'vitest';
import { registry } from '../../agent/modules/registry.gen.ts';
import { ownerFields } from '../../agent/modules/shared/files/owner.ts';
import { knownKind } from '../../agent/modules/shared/link/kind.ts';
import { parametersOf } from '../../controller/doc/parameters.ts';
import { taskTrials } from '../e2e/task-trials.ts';

/** No network: their own tests try them. */
const elsewhere = [
  'alternatives',
  'apt_repository',
  'assemble',
  'authorized_key',
  'blockinfile',
  'copy',
  'cron',
  'deb822_repository',
  'debconf',
  'dpkg_selections',
  'file',
  'get_url',
  'group',
  'hostname',
  'ini_file',
  'interfaces_file',
  'iptables',
  'known_hosts',
  'lineinfile',
  'locale_gen',
  'modprobe',
  'mount',
  'replace',
  'service',
  'systemd',
  'sysvinit',
  'timezone',
  'user',
  'yum_repository',
];

/** What no link of an emulated host has: its cases must do. */
const untried: Readonly<Record<string, readonly string[]>> = {
  // Files of /etc are none of a namespace's.
  sysctl: [
    ...['state', 'sysctl_file', 'sysctl_set', 'reload', 'ignoreerrors'],
    ...['mode', ...Object.keys(ownerFields), 'unsafe_writes'],
  ],
  ethtool: ['rings', 'channels', 'pause', 'autoneg', 'wol', 'private_flags'],
};

test('every parameter of every module is tried on kernels', () => {
  const modules = [...registry.values()].filter(
    ({ name, form }) => form === 'converge' && knownKind(name) === undefined && !elsewhere.includes(name),
  );
  const trials = new Map(taskTrials().map(({ name, tasks }) => [name, tasks]));
  const missed = modules.flatMap(({ name, params }) => {
    const tried = new Set((trials.get(name) ?? []).flatMap((task) => Object.keys(task[name] ?? {})));
    const all = parametersOf(params).map((parameter) => parameter.name);
    return all
      .filter((parameter) => !tried.has(parameter) && !untried[name]?.includes(parameter))
      .map((parameter) => `${name}: ${parameter}`);
  });
  expect(missed).toEqual([]);
});
