import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Argv } from 'yargs';
import { OrchError, OrchErrors } from '../../proto/errors.ts';
import { settings } from '../config/settings.ts';
import { graph, hostVars, json, listed, nested, type Told, tables, toml, yaml } from '../inventory/inventory-text.ts';
import { loadInventory } from '../inventory/load-inventory.ts';
import { expandLimit, matchHosts } from '../inventory/select-hosts.ts';
import type { Inventory } from '../inventory/types.ts';
import { readExtraVars } from '../run/input/extra-vars.ts';
import { inventorySources } from '../run/input/inventory-sources.ts';
import { optionText } from '../source/origins.ts';
import { didYouMean } from '../template/suggest.ts';
import { vaultOptions } from '../vault/options.ts';
import { keepClosed } from '../vault/vault.ts';
import type { CommandFile } from './command.ts';
import { extraVarsOption, inventoryOption } from './given-options.ts';
import { type Args, text, texts } from './read-options.ts';
import { saidPlaybookDir } from './run-options.ts';
import { warn } from './warn.ts';

/** Options as ansible-inventory has them. */
export function options(yargs: Argv): Argv {
  return vaultOptions(yargs)
    .positional('group', { type: 'string', describe: 'With --graph: the group to begin with' })
    .options({
      inventory: inventoryOption,
      list: { type: 'boolean', describe: 'All groups, hosts and variables' },
      graph: { type: 'boolean', describe: 'Groups and hosts as a tree' },
      host: { type: 'string', describe: "One host's variables" },
      limit: { alias: 'l', type: 'string', describe: 'With --list: only these hosts (a pattern)' },
      yaml: { alias: 'y', type: 'boolean', describe: 'YAML in place of JSON' },
      toml: { type: 'boolean', conflicts: 'yaml', describe: 'TOML in place of JSON; null is left out' },
      vars: { type: 'boolean', describe: 'With --graph: variables, too' },
      export: { type: 'boolean', describe: "With --list: groups' variables with the groups, not with each host" },
      'extra-vars': extraVarsOption,
      'playbook-dir': { type: 'string', describe: 'Folder whose group_vars/ and host_vars/ count, too' },
      output: { type: 'string', describe: 'File to write to' },
      'flush-cache': { type: 'boolean', hidden: true, describe: 'Accepted as in Ansible' },
      verbose: { alias: 'v', type: 'count', hidden: true, describe: 'Accepted as in Ansible' },
    });
}

/** As ansible-inventory ends. */
export const exitOf: NonNullable<CommandFile['exitOf']> = (code) => {
  if (code === 'usage') return 2;
  if (code === 'invalid-option' || code === 'unknown-host') return 5;
  return code === 'file-not-found' || code === 'system-fault' || code === 'vault' ? 1 : 4;
};

const oneAction = 'Conflicting options used, only one of --host, --graph or --list can be used at the same time.';

/** Prints an inventory. Throws OrchErrors for what is wrong with it. */
export async function execute(args: Args): Promise<number> {
  if ([args.list, args.graph, args.host].filter((asked) => asked !== undefined && asked !== false).length > 1) {
    throw new OrchError({ code: 'invalid-option', summary: oneAction });
  }
  keepClosed();
  const extra = readExtraVars(texts(args.extraVars));
  const dir = saidPlaybookDir(args.playbookDir);
  const {
    inventory: own,
    live,
    errors: wrongFiles,
    warnings,
  } = loadInventory(
    inventorySources(texts(args.inventory)),
    dir === undefined ? undefined : join(dir, 'playbook.yml'),
    extra.vars,
  );
  // As in Ansible what stands in the present folder counts for hosts, and is told as nobody's own.
  const inventory = dir === undefined ? live.beside('.') : own;
  const errors = wrongFiles.length > 0 ? wrongFiles : live.errors;
  const limited = limit(inventory, text(args.limit));
  // Nothing is done to hosts here: a name that nothing has is only warned of, as in Ansible.
  const wrong = limited?.errors.filter(({ code }) => code !== 'unknown-host') ?? [];
  const found = [...errors, ...extra.errors, ...wrong];
  if (found.length > 0) throw new OrchErrors(found);
  const unmatched = limited?.unmatched ?? [];
  warn([...warnings, ...unmatched.map((name) => `Could not match supplied host pattern, ignoring: ${name}`)]);
  const hosts = limited && new Set(limited.hosts);
  const told = inventoryText(inventory, args, {
    hosts,
    extra: extra.vars,
    export: args.export === true || settings().inventoryExport,
    own,
  });
  const file = text(args.output);
  if (file === undefined) process.stdout.write(told);
  else writeFileSync(file, told);
  return 0;
}

function limit(inventory: Inventory, pattern: string | undefined) {
  return pattern === undefined ? undefined : matchHosts(inventory, optionText('--limit', expandLimit(pattern)));
}

function inventoryText(inventory: Inventory, args: Args, told: Told): string {
  const host = text(args.host);
  if (host !== undefined) {
    const [name, ...more] = matchHosts(inventory, optionText('--host', host)).hosts;
    const vars = name === undefined || more.length > 0 ? undefined : hostVars(inventory, name, told);
    if (vars) return args.toml === true ? toml(vars) : args.yaml === true ? yaml(vars) : json(vars, false);
    const pattern = `Could not match supplied host pattern, ignoring: ${host}`;
    throw unknown('You must pass a single valid host to --host parameter', pattern, host, inventory.hosts.keys());
  }
  if (args.graph === true) {
    const top = typeof args.group === 'string' ? args.group : 'all';
    if (!inventory.groups.has(top)) {
      const group = `the inventory does not have "${top}"`;
      throw unknown('Pattern must be valid group name when using --graph', group, top, inventory.groups.keys());
    }
    return graph(inventory, top, args.vars === true, { extra: told.extra, own: told.own });
  }
  if (args.list === true) {
    if (args.toml === true) return toml(tables(inventory, told));
    return args.yaml === true ? yaml(nested(inventory, told)) : json(listed(inventory, told));
  }
  const none = 'No action selected, at least one of --host, --graph or --list needs to be specified.';
  throw new OrchError({ code: 'invalid-option', summary: none });
}

/** In Ansible's words; `known`: the names that the inventory has. */
function unknown(summary: string, detail: string, name: string, known: Iterable<string>): OrchError {
  return new OrchError({ code: 'unknown-host', summary, detail, hint: didYouMean(name, known) });
}
