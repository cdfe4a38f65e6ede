import * as z from 'zod';
import { literalData } from '../source/literal.ts';
import { defineAction } from './action.ts';

/** A name or IPv4 address with a port, or an IPv6 address, which has brackets then. */
const withPort = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:]+)):(\d+)$/;

export const action = defineAction({
  name: 'add_host',
  summary: 'Add a host to the inventory of this run, or groups and variables to one that is there.',
  notes: 'Done once for all hosts of the play. Later plays may name the host and its groups.',
  examples: ['add_host:\n  name: "{{ found.stdout }}"\n  groups: [web, fresh]\n  ansible_port: 2222'],
  params: z
    .looseObject({
      name: z
        .union([z.string().min(1, 'a host needs a name'), z.int()])
        .describe('The host; a port may follow behind a colon.'),
      groups: z
        .union([z.string(), z.array(z.string())])
        .optional()
        .describe('Its groups: a list, or names between commas.'),
    })
    .describe('Any other key is a variable of the host.'),
  aliases: { host: 'name', hostname: 'name', group: 'groups', groupname: 'groups' },
  barrier: true,
  local: true,
  run: async ({ name: entry, groups: said = [], ...given }, { inventory, origin }) => {
    const [, address, host, port] = withPort.exec(String(entry)) ?? [];
    const name = address ?? host ?? String(entry);
    const groups = [said].flat().flatMap((group) => group.split(',').flatMap((word) => word.trim() || []));
    const host_vars = { ...(port === undefined ? {} : { ansible_ssh_port: Number(port) }), ...given };
    const vars = new Map(
      Object.entries(host_vars).map(([key, value]) => [key, { value: literalData(value), origin, path: [] }]),
    );
    const changed = inventory.addHost({ name, groups, vars });
    return { status: changed ? 'changed' : 'ok', result: { add_host: { host_name: name, groups, host_vars } } };
  },
});
