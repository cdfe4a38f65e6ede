import * as z from 'zod';
import type { Host } from '../linux/host.ts';
import { defineRunModule } from './module.ts';
import { timeFacts } from './shared/facts/clock.ts';
import { localFacts } from './shared/facts/local.ts';
import { netnsFacts, networkFacts } from './shared/facts/network.ts';
import type { Facts } from './shared/facts/read.ts';
import { hardwareFacts, systemFacts } from './shared/facts/system.ts';
import { hostPath } from './shared/fields.ts';

const parts = ['min', 'hardware', 'network', 'netns'] as const;
type Part = (typeof parts)[number];

/** Ansible's finer subsets, and the part that each of them is in. */
const finer: Readonly<Partial<Record<Part, string>>> = {
  min:
    'apparmor architecture caps chroot cmdline date_time distribution distribution_major_version distribution_release ' +
    'distribution_version dns effective_group_ids effective_user_id env facter fibre_channel_wwn fips is_chroot iscsi kernel ' +
    'kernel_version loadavg local lsb machine machine_id nvme ohai os_family pkg_mgr platform python python_version ' +
    'real_user_id selinux service_mgr ssh_host_key_dsa_public ssh_host_key_ecdsa_public ssh_host_key_ed25519_public ' +
    'ssh_host_key_rsa_public ssh_host_pub_keys ssh_pub_keys system system_capabilities system_capabilities_enforced systemd ' +
    'user user_dir user_gecos user_gid user_id user_shell user_uid virtual virtualization_role virtualization_tech_guest ' +
    'virtualization_tech_host virtualization_type',
  hardware:
    'devices mounts processor processor_cores processor_count memtotal_mb memfree_mb swaptotal_mb swapfree_mb uptime_seconds',
  network: 'all_ipv4_addresses all_ipv6_addresses default_ipv4 default_ipv6 interfaces',
};

/** The parts that a subset is or is in; undefined for a name that is none. */
function partsOf(name: string): readonly Part[] | undefined {
  if (name === 'all') return parts;
  const part = parts.find((each) => each === name || finer[each]?.split(' ').includes(name));
  return part && [part];
}

/** Subsets, which a text has between commas. */
const subset = z
  .string()
  .refine(
    (text) => text.split(',').every((name) => partsOf(name.replace(/^!/, '')) !== undefined),
    'is none of all, min, hardware, network, netns',
  );

const gatherers: Readonly<Record<Part, (host: Host, factPath: string) => Promise<Facts>>> = {
  min: async (host, factPath) => ({
    ...(await systemFacts(host)),
    ansible_local: await localFacts(host, factPath),
    ansible_date_time: await timeFacts(host, new Date()),
  }),
  hardware: hardwareFacts,
  network: networkFacts,
  netns: netnsFacts,
};

/** What is gathered: min always, unless "!min"; all, unless something is named. */
function chosen(wanted: readonly string[]): readonly Part[] {
  const named = wanted.filter((name) => !name.startsWith('!'));
  const whole = named.length === 0 && !wanted.includes('!all') ? ['all'] : named;
  const asked = new Set<Part>(['min', ...whole.flatMap((name) => partsOf(name) ?? [])]);
  return parts.filter((part) => !wanted.includes(`!${part}`) && asked.has(part));
}

/** A pattern of fnmatch(3) with * and ?, with or without the leading "ansible_". */
function matcher(pattern: string): (name: string) => boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  const expression = new RegExp(`^(ansible_)?${source}$`);
  return (name) => expression.test(name);
}

const list = <T extends z.ZodType>(item: T) => z.union([item, z.array(item)]);

export const module = defineRunModule({
  name: 'setup',
  form: 'run',
  checkMode: 'run',
  summary: 'Gathers facts about the host, its namespaces, links, addresses and routes.',
  notes:
    "Facts have Ansible's names where it has them (ansible_hostname, ansible_kernel, ansible_default_ipv4, ...). " +
    '`orch_netns.<name>` and `orch_host` list links, addresses and routes of each namespace.',
  examples: ['setup:', 'setup:\n  gather_subset: [network, netns]', 'setup:\n  filter: ansible_distribution*'],
  params: z.strictObject({
    gather_subset: list(subset)
      .default(['all'])
      .describe(
        'What to gather: all, min, hardware, network, netns; "!" leaves out. A finer subset of Ansible stands for the one that it is in.',
      ),
    filter: list(z.string().max(200))
      .default([])
      .describe('Only facts whose names fit one of these patterns (* and ?).'),
    fact_path: hostPath
      .default('/etc/ansible/facts.d')
      .describe('Folder of files NAME.fact that say ansible_local.NAME: JSON or INI, or programs that print it.'),
    gather_timeout: z
      .int()
      .min(1)
      .optional()
      .describe('Taken for the sake of old playbooks: each question has its own deadline.'),
  }),
  async run(params, host) {
    const wanted = [params.gather_subset].flat().flatMap((text) => text.split(','));
    const filters = [params.filter]
      .flat()
      .flatMap((text) => text.split(','))
      .map(matcher);
    const gathered: Facts = {};
    for (const name of chosen(wanted)) Object.assign(gathered, await gatherers[name](host, params.fact_path));
    const all = { ...gathered, gather_subset: wanted, module_setup: true };
    const facts = Object.entries(all).filter(
      ([name, value]) => value !== undefined && (filters.length === 0 || filters.some((fits) => fits(name))),
    );
    return { changed: false, result: { ansible_facts: Object.fromEntries(facts) } };
  },
});
