import type { Argv } from 'yargs';
import { OrchError } from '../../proto/errors.ts';
import type { Entry } from '../doc/documented.ts';
import { type EntryKind, entryKinds } from '../doc/kinds.ts';
import { canonicalName } from '../playbook/catalog/catalog.ts';
import { orList } from '../playbook/values/describe.ts';
import { suggest } from '../template/suggest.ts';

export function options(yargs: Argv): Argv {
  return yargs
    .positional('names', { type: 'string', array: true, describe: 'Modules, keywords, filters, ...; none: list them' })
    .option('type', {
      alias: 't',
      choices: entryKinds,
      describe: 'What the names are; without it all that are called so',
    })
    .option('list', { alias: 'l', type: 'boolean', describe: 'List them, as without a name' })
    .option('output', {
      alias: 'o',
      choices: ['text', 'json'] as const,
      default: 'text',
      describe: 'json: the parameters of modules as JSON Schema',
    })
    .option('json', { alias: 'j', type: 'boolean', describe: 'As --output json' });
}

/** All entries of a name, as it is or without its collection. Throws OrchError when there is none. */
function named(name: string, all: readonly Entry[], type: EntryKind | undefined): readonly Entry[] {
  const own = name.replace(/^\w+\.\w+\./, '');
  const found = all.filter((entry) => entry.name === (entry.kind === 'module' ? canonicalName(name) : own));
  if (found.length > 0) return found;
  const near = suggest(own, new Set(all.map((entry) => entry.name)));
  const list = `\`orch doc${type === undefined || type === 'module' ? '' : ` -t ${type}`}\``;
  throw new OrchError({
    code: type === undefined || type === 'module' ? 'unknown-module' : 'unknown-plugin',
    summary: `no ${type ?? orList(entryKinds)} "${name}"`,
    hint: near === undefined ? `${list} lists them` : `did you mean "${near}"?`,
  });
}

/** Prints what modules do and take, from the very schemas that check playbooks, and what else playbooks are written with. */
export async function execute(args: Readonly<Record<string, unknown>>): Promise<number> {
  const { entries, entryList } = await import('../doc/documented.ts');
  const names = (args.list === true ? [] : (args.names ?? [])) as readonly string[];
  const type = args.type as EntryKind | undefined;
  const all = entries().filter(({ kind }) => kind === (type ?? (names.length === 0 ? 'module' : kind)));
  const chosen = names.length === 0 ? all : names.flatMap((name) => named(name, all, type));
  if (args.output === 'json' || args.json === true) {
    const told = chosen.map(({ json }) => json());
    process.stdout.write(`${JSON.stringify(names.length > 0 && told.length === 1 ? told[0] : told, null, 2)}\n`);
  } else process.stdout.write(names.length === 0 ? entryList(chosen) : chosen.map(({ text }) => text()).join('\n'));
  return 0;
}
