import * as z from 'zod';
import type { Host } from '../linux/host.ts';
import { defineRunModule } from './module.ts';
import { netnsFacts, networkFacts } from './shared/facts/network.ts';
import { dateTime, type Facts, hardwareFacts, systemFacts } from './shared/facts/system.ts';

const subsets = ['all', 'min', 'hardware', 'network', 'netns'] as const;
type Subset = (typeof subsets)[number];

const subset = z.enum([...subsets, '!all', '!min', '!hardware', '!network', '!netns']);

const gatherers: Readonly<Record<Exclude<Subset, 'all'>, (host: Host) => Promise<Facts>>> = {
  min: async (host) => ({ ...(await systemFacts(host)), ansible_date_time: dateTime(new Date()) }),
  hardware: hardwareFacts,
  network: networkFacts,
  netns: netnsFacts,
};

/** What is gathered: min always, unless "!min"; all, unless something is named. */
function chosen(wanted: readonly string[]): (keyof typeof gatherers)[] {
  const named = wanted.filter((name) => !name.startsWith('!'));
  const whole = named.includes('all') || (named.length === 0 && !wanted.includes('!all'));
  return (['min', 'hardware', 'network', 'netns'] as const).filter(
    (name) => !wanted.includes(`!${name}`) && (whole || name === 'min' || named.includes(name)),
  );
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
      .describe('What to gather: all, min, hardware, network, netns; "!" leaves out.'),
    filter: list(z.string().max(200))
      .default([])
      .describe('Only facts whose names fit one of these patterns (* and ?).'),
  }),
  async run(params, host) {
    const wanted = [params.gather_subset].flat();
    const filters = [params.filter].flat().map(matcher);
    const gathered: Facts = {};
    for (const name of chosen(wanted)) Object.assign(gathered, await gatherers[name](host));
    const facts = Object.entries(gathered).filter(
      ([name, value]) => value !== undefined && (filters.length === 0 || filters.some((fits) => fits(name))),
    );
    return { changed: false, result: { ansible_facts: Object.fromEntries(facts) } };
  },
});
