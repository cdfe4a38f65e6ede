import * as z from 'zod';
import type { Host } from '../linux/host.ts';
import { defineRunModule } from './module.ts';
import { timeFacts } from './shared/facts/clock.ts';
import { localFacts } from './shared/facts/local.ts';
import { netnsFacts, networkFacts } from './shared/facts/network.ts';
import type { Facts } from './shared/facts/read.ts';
import { Gathering, isSubset, type Part, parts, subsetNames } from './shared/facts/subsets.ts';
import { hardwareFacts, systemFacts } from './shared/facts/system.ts';
import { hostPath } from './shared/fields.ts';
import { fitsGlob } from './shared/glob.ts';
import { taken } from './shared/taken.ts';

/** Subsets, which a text has between commas. */
const subset = z.string().superRefine((text, context) => {
  for (const name of text.split(',').map((each) => each.trim().replace(/^!/, ''))) {
    if (isSubset(name)) continue;
    const message = `Bad subset '${name}' given to Ansible. gather_subset options allowed: ${subsetNames.join(', ')}`;
    context.addIssue({ code: 'custom', message });
  }
});

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

/** Whether a fact's name fits a pattern, with or without the leading "ansible_". */
function fits(pattern: string, name: string): boolean {
  return fitsGlob(pattern, name) || fitsGlob(`ansible_${pattern}`, name);
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
        'What to gather: all, min, hardware, network, netns, or a finer subset of Ansible; "!" leaves out. Finer ones of hardware and of network stand for all of it.',
      ),
    filter: list(z.string().max(200))
      .default([])
      .describe('Only facts whose names fit one of these patterns (*, ?, [a-z]).'),
    fact_path: hostPath
      .default('/etc/ansible/facts.d')
      .describe('Folder of files NAME.fact that say ansible_local.NAME: JSON or INI, or programs that print it.'),
    gather_timeout: z
      .int()
      .min(1)
      .optional()
      .describe('Taken for the sake of old playbooks: each question has its own deadline.'),
    parallel: taken('one module gathers all facts', z.boolean()),
  }),
  async run(params, host) {
    const wanted = [params.gather_subset].flat().flatMap((text) => text.split(',').map((name) => name.trim()));
    const filters = [params.filter].flat().flatMap((text) => (text === '' ? [] : text.split(',')));
    const gathered: Facts = {};
    const gathering = new Gathering(wanted);
    for (const part of parts.filter((each) => gathering.asks(each))) {
      const facts = Object.entries(await gatherers[part](host, params.fact_path));
      Object.assign(gathered, Object.fromEntries(facts.filter(([name]) => gathering.keeps(part, name))));
    }
    const all = { ...gathered, gather_subset: wanted, module_setup: true };
    const facts = Object.entries(all).filter(
      ([name, value]) =>
        value !== undefined && (filters.length === 0 || filters.some((pattern) => fits(pattern, name))),
    );
    return { changed: false, result: { ansible_facts: Object.fromEntries(facts) } };
  },
});
