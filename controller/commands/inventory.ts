import { writeFileSync } from 'node:fs';
import type { Argv } from 'yargs';
import { OrchError, OrchErrors } from '../../proto/errors.ts';
import { graph, hostVars, json, listed, nested, yaml } from '../inventory/inventory-text.ts';
import { loadInventory } from '../inventory/load-inventory.ts';
import { inventorySources } from '../run/inventory-sources.ts';
import { didYouMean } from '../template/suggest.ts';

/** Options as ansible-inventory has them. */
export function options(yargs: Argv): Argv {
  return yargs.positional('group', { type: 'string', describe: 'With --graph: the group to begin with' }).options({
    inventory: { alias: 'i', type: 'string', array: true, nargs: 1, describe: 'Inventory file, folder or "host,host"' },
    list: { type: 'boolean', describe: 'All groups, hosts and variables' },
    graph: { type: 'boolean', describe: 'Groups and hosts as a tree' },
    host: { type: 'string', describe: "One host's variables" },
    yaml: { alias: 'y', type: 'boolean', describe: 'YAML in place of JSON' },
    vars: { type: 'boolean', describe: 'With --graph: variables, too' },
    export: { type: 'boolean', describe: 'Accepted as in Ansible' },
    'playbook-dir': { type: 'string', describe: 'Folder whose group_vars/ and host_vars/ count, too' },
    output: { type: 'string', describe: 'File to write to' },
  });
}

/** Prints an inventory. Throws OrchErrors for what is wrong with it. */
export async function execute(args: Readonly<Record<string, unknown>>): Promise<number> {
  const named = Array.isArray(args.inventory) ? args.inventory.map(String) : [];
  const beside = typeof args.playbookDir === 'string' ? `${args.playbookDir}/playbook.yml` : 'playbook.yml';
  const { inventory, errors } = loadInventory(inventorySources(named), beside);
  if (errors.length > 0) throw new OrchErrors(errors);
  const print = args.yaml === true ? yaml : json;
  const text = (): string => {
    if (typeof args.host === 'string') {
      const vars = hostVars(inventory, args.host);
      if (vars) return print(vars);
      throw unknown('host', args.host, inventory.hosts.keys());
    }
    if (args.graph === true) {
      const top = typeof args.group === 'string' ? args.group : 'all';
      if (!inventory.groups.has(top)) throw unknown('group', top, inventory.groups.keys());
      return graph(inventory, top, args.vars === true);
    }
    if (args.list === true) return args.yaml === true ? yaml(nested(inventory)) : json(listed(inventory));
    throw new OrchError({ code: 'invalid-option', summary: 'Say --list, --graph or --host NAME.' });
  };
  if (typeof args.output === 'string') writeFileSync(args.output, text());
  else process.stdout.write(text());
  return 0;
}

function unknown(kind: string, name: string, known: Iterable<string>): OrchError {
  const summary = `There is no ${kind} "${name}" in the inventory.`;
  return new OrchError({ code: 'unknown-host', summary, hint: didYouMean(name, known) });
}
