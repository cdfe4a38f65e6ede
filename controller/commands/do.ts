import type { Argv } from 'yargs';
import type { OrchError } from '../../proto/errors.ts';
import { startLog } from '../log.ts';
import { createHostPrinter } from '../report/host-result.ts';
import { loadInput, refuse, selectInput } from '../run/input.ts';
import { Interrupt, onInterrupt } from '../run/interrupt.ts';
import { inventorySources } from '../run/inventory-sources.ts';
import { prepareRun } from '../run/prepare.ts';
import { hostOptions, readRunOptions } from './run-options.ts';
import { runPrepared } from './run-prepared.ts';

/** Stands for a playbook in places of errors, and names the lab. */
const file = 'orch-do.yml';

/** Options as ansible has them. */
export function options(yargs: Argv): Argv {
  return hostOptions(yargs)
    .positional('pattern', { type: 'string', demandOption: true, describe: 'Hosts: names, groups, patterns' })
    .options({
      'module-name': { alias: 'm', type: 'string', default: 'command', describe: 'Module' },
      args: { alias: 'a', type: 'string', default: '', describe: 'Its parameters: key=value, free text or JSON' },
      'become-user': { type: 'string', describe: 'User to become' },
      'playbook-dir': { type: 'string', describe: 'Accepted as in Ansible' },
      forks: { alias: 'f', type: 'number', describe: 'Accepted as in Ansible: hosts never wait for each other' },
      diff: { alias: 'D', type: 'boolean', describe: 'Show what changes' },
      'list-hosts': { type: 'boolean', describe: 'Print the hosts, and end' },
    });
}

/** A play of one task, as text: JSON is YAML. */
function playText(args: Readonly<Record<string, unknown>>): string {
  // Where hosts are only listed nothing is run.
  const module = args.listHosts === true ? 'ping' : String(args.moduleName);
  const given = args.listHosts === true ? '' : String(args.args).trim();
  const parameters: unknown = given.startsWith('{') ? JSON.parse(given) : given === '' ? null : given;
  const become = args.becomeUser === undefined ? {} : { become_user: String(args.becomeUser) };
  const task = { name: module, [module]: parameters };
  return JSON.stringify([{ hosts: String(args.pattern), gather_facts: false, ...become, tasks: [task] }]);
}

/** Runs one module on hosts, and prints what each says. */
export async function execute(args: Readonly<Record<string, unknown>>): Promise<number> {
  const command = readRunOptions(args);
  await startLog(command.verbosity);
  const errors: OrchError[] = [];
  const inventories = inventorySources(command.inventories);
  const loaded = loadInput(file, inventories, command.extraVars, errors, playText(args));
  refuse(errors);
  const selection = { tags: { only: [], skip: [] }, limit: command.limit, startAtTask: undefined };
  const input = selectInput(loaded, selection, errors);
  refuse(errors);
  if (command.list === 'hosts') {
    const hosts = input.plays.flatMap((play) => play.hosts);
    process.stdout.write(`  hosts (${hosts.length}):\n${hosts.map((host) => `    ${host}\n`).join('')}`);
    return 0;
  }
  const prepared = prepareRun(input, command, errors);
  refuse(errors);
  const interrupt = new Interrupt();
  const release = onInterrupt(interrupt);
  try {
    return await runPrepared(
      prepared,
      command,
      interrupt,
      createHostPrinter((text) => process.stdout.write(text)),
    );
  } finally {
    release();
  }
}
