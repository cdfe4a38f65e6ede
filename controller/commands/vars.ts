import type { Argv } from 'yargs';
import { OrchError } from '../../proto/errors.ts';
import { hostOf } from '../inventory/select-hosts.ts';
import type { SaidVars } from '../inventory/types.ts';
import { type Input, loadInput, refuse, selectInput } from '../run/input/input.ts';
import { inventorySources } from '../run/input/inventory-sources.ts';
import { didYouMean } from '../template/suggest.ts';
import { explained, saidOfPlay } from '../vars/explain.ts';
import { vaultOptions } from '../vault/options.ts';
import { hideSecrets } from '../vault/secret-texts.ts';
import { extraVarsOption, inventoryOption } from './given-options.ts';
import { texts } from './read-options.ts';

export function options(yargs: Argv): Argv {
  return vaultOptions(yargs)
    .positional('host', { type: 'string', demandOption: true, describe: 'The host' })
    .positional('name', { type: 'string', describe: 'One variable; default: all' })
    .options({
      inventory: inventoryOption,
      'extra-vars': extraVarsOption,
      playbook: { alias: 'p', type: 'string', describe: 'Playbook whose plays count, too' },
    });
}

/** Prints the variables of a host with the places that say them: those that win, and those that lose. */
export async function execute(args: Readonly<Record<string, unknown>>): Promise<number> {
  const host = String(args.host);
  const errors: OrchError[] = [];
  const playbook = typeof args.playbook === 'string' ? args.playbook : undefined;
  // Without a playbook a play that says nothing stands for one.
  const text = playbook === undefined ? JSON.stringify([{ hosts: host, tasks: [] }]) : undefined;
  const sources = inventorySources(texts(args.inventory));
  const input = loadInput(playbook ?? 'playbook.yml', sources, texts(args.extraVars), errors, text);
  refuse([...errors, ...input.missing]);
  const parts = partsFor(input, host, errors);
  refuse(errors);
  const name = typeof args.name === 'string' ? args.name : undefined;
  const told = parts.map(({ title, said }) => {
    const block = explained(said, name);
    return block === '' || playbook === undefined ? block : `PLAY [${title}]\n${block}`;
  });
  if (name !== undefined && told.every((part) => part === '')) throw unknownName(name, host, parts);
  process.stdout.write(hideSecrets(told.filter((block) => block !== '').join('\n')));
  return 0;
}

interface Part {
  /** The play's. */
  readonly title: string;
  readonly said: readonly SaidVars[];
}

/** For each play that has the host. */
function partsFor(input: Input, name: string, errors: OrchError[]): readonly Part[] {
  const host = hostOf(input.inventory, name);
  if (!host) {
    const hint = didYouMean(name, input.inventory.hosts.keys());
    throw new OrchError({ code: 'unknown-host', summary: `There is no host "${name}" in the inventory.`, hint });
  }
  const extra = { of: '-e', vars: input.extraVars };
  const selection = { tags: { only: [], skip: [] }, limit: undefined, startAtTask: undefined };
  const plays = selectInput(input, selection, errors).plays.filter(({ hosts }) => hosts.includes(name));
  if (plays.length === 0) {
    const summary = `No play of ${input.playbook.file} has the host "${name}".`;
    throw new OrchError({ code: 'unknown-host', summary, hint: 'without -p the inventory alone counts' });
  }
  return plays.map(({ play }) => {
    const { below, above } = saidOfPlay(play);
    return { title: play.name ?? play.hosts.value, said: [...below, ...host.said(), ...above, extra] };
  });
}

function unknownName(name: string, host: string, parts: readonly Part[]): OrchError {
  const known = parts.flatMap(({ said }) => said.flatMap(({ vars }) => [...vars.keys()]));
  const summary = `Nothing says the variable "${name}" for ${host}.`;
  return new OrchError({ code: 'undefined-variable', summary, hint: didYouMean(name, known) });
}
