/** What gathers facts at once. */
export const parts = ['min', 'hardware', 'network', 'netns'] as const;
export type Part = (typeof parts)[number];

/** One of Ansible's collectors of facts. */
interface Collector {
  readonly part: Part;
  /** Names of its facts, without `ansible_`; all of its part where there is none. */
  readonly facts?: RegExp;
  /** Other names of it: facts and groups of facts. */
  readonly ids?: string;
  /** Collectors whose facts it brings along. */
  readonly needs?: readonly string[];
}

const collectors: Readonly<Record<string, Collector>> = {
  apparmor: { part: 'min', facts: /^apparmor$/ },
  caps: { part: 'min', facts: /^system_capabilities/, ids: 'system_capabilities system_capabilities_enforced' },
  chroot: { part: 'min', facts: /^is_chroot$/, ids: 'is_chroot' },
  cmdline: { part: 'min', facts: /^(proc_)?cmdline$/ },
  date_time: { part: 'min', facts: /^date_time$/ },
  distribution: {
    part: 'min',
    facts: /^(distribution|os_family)/,
    ids: 'distribution_version distribution_release distribution_major_version os_family',
  },
  dns: { part: 'min', facts: /^dns$/ },
  env: { part: 'min', facts: /^env$/ },
  facter: { part: 'min', facts: /^facter/ },
  fibre_channel_wwn: { part: 'min', facts: /^fibre_channel_wwn$/ },
  fips: { part: 'min', facts: /^fips$/ },
  iscsi: { part: 'min', facts: /^iscsi/ },
  loadavg: { part: 'min', facts: /^loadavg$/ },
  local: { part: 'min', facts: /^local$/ },
  lsb: { part: 'min', facts: /^lsb$/ },
  nvme: { part: 'min', facts: /^hostnqn$/ },
  ohai: { part: 'min', facts: /^ohai/ },
  pkg_mgr: { part: 'min', facts: /^pkg_mgr$/, needs: ['distribution'] },
  platform: {
    part: 'min',
    facts:
      /^(system|kernel|kernel_version|machine|machine_id|python_version|fqdn|hostname|nodename|domain|architecture|userspace_.*)$/,
    ids: 'system kernel kernel_version machine python_version architecture machine_id',
  },
  python: { part: 'min', facts: /^python$/ },
  selinux: { part: 'min', facts: /^selinux/ },
  service_mgr: { part: 'min', facts: /^service_mgr$/, needs: ['platform', 'distribution'] },
  ssh_pub_keys: {
    part: 'min',
    facts: /^ssh_host_key_/,
    ids: 'ssh_host_pub_keys ssh_host_key_dsa_public ssh_host_key_rsa_public ssh_host_key_ecdsa_public ssh_host_key_ed25519_public',
  },
  systemd: { part: 'min', facts: /^systemd/ },
  user: {
    part: 'min',
    facts: /^(user_|(real|effective)_(user|group)_id)/,
    ids: 'user_id user_uid user_gid user_gecos user_dir user_shell real_user_id effective_user_id effective_group_ids',
  },
  virtual: {
    part: 'min',
    facts: /^virtualization_/,
    ids: 'virtualization_type virtualization_role virtualization_tech_guest virtualization_tech_host',
  },
  hardware: {
    part: 'hardware',
    ids: 'devices mounts processor processor_cores processor_count memtotal_mb memfree_mb swaptotal_mb swapfree_mb uptime_seconds dmi',
    needs: ['platform'],
  },
  network: {
    part: 'network',
    ids: 'all_ipv4_addresses all_ipv6_addresses default_ipv4 default_ipv6 interfaces',
    needs: ['platform', 'distribution'],
  },
  netns: { part: 'netns' },
};

const everything = Object.keys(collectors);
/** Gathered unless `!min` is said. */
const minimal =
  'apparmor caps cmdline date_time distribution dns env fips local lsb pkg_mgr platform python selinux service_mgr ssh_pub_keys user'.split(
    ' ',
  );

/** The collectors that a name stands for; none for a name that is no subset. */
function named(name: string): readonly string[] {
  if (name === 'all') return everything;
  if (name === 'min') return minimal;
  const own = everything.filter((each) => each === name);
  return own.length > 0 ? own : everything.filter((each) => collectors[each]?.ids?.split(' ').includes(name));
}

/** All that can be asked for. */
export const subsetNames: readonly string[] = [
  'all',
  'min',
  ...Object.entries(collectors).flatMap(([name, { ids = '' }]) => [name, ...ids.split(' ').filter(Boolean)]),
].sort();

export function isSubset(name: string): boolean {
  return named(name).length > 0;
}

/** What is gathered for some subsets: as in Ansible the minimum always, and what is named itself wins over what a `!` leaves out. */
export class Gathering {
  readonly #chosen: ReadonlySet<string>;

  constructor(wanted: readonly string[]) {
    const left = new Set<string>();
    for (const name of wanted) {
      if (name === '!all') for (const each of everything) if (!minimal.includes(each)) left.add(each);
      if (name.startsWith('!') && name !== '!all') for (const each of named(name.slice(1))) left.add(each);
    }
    const asked = wanted.filter((name) => !name.startsWith('!'));
    const itself = asked.filter((name) => name !== 'all' && name !== 'min').flatMap(named);
    const whole = ['min', ...asked].flatMap(named).filter((name) => !left.has(name));
    const chosen = [...whole, ...itself];
    this.#chosen = new Set(chosen.flatMap((name) => [name, ...(collectors[name]?.needs ?? [])]));
  }

  /** Whether some of what a part gathers is asked for. */
  asks(part: Part): boolean {
    return [...this.#chosen].some((name) => collectors[name]?.part === part);
  }

  /** Whether a fact that a part has gathered is asked for. */
  keeps(part: Part, fact: string): boolean {
    if (part !== 'min') return true;
    const name = fact.replace(/^ansible_/, '');
    const of = everything.filter((each) => collectors[each]?.facts?.test(name));
    return of.length === 0 ? this.#chosen.has('platform') : of.some((each) => this.#chosen.has(each));
  }
}
