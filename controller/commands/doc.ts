import type { Argv } from 'yargs';
import { OrchError } from '../../proto/errors.ts';
import { canonicalName } from '../playbook/catalog.ts';
import { suggest } from '../template/suggest.ts';

export function options(yargs: Argv): Argv {
  return yargs
    .positional('module', { type: 'string', describe: 'module to explain; none: list them' })
    .option('output', {
      alias: 'o',
      choices: ['text', 'json'] as const,
      default: 'text',
      describe: 'json: the parameters as JSON Schema',
    });
}

/** Prints what a module does and takes, from the very schema that checks playbooks. */
export async function execute(args: Readonly<Record<string, unknown>>): Promise<number> {
  const { documented, moduleList, moduleText, parameterSchema } = await import('../doc/documented.ts');
  const all = documented();
  const json = args.output === 'json';
  const print = (text: string) => process.stdout.write(text);
  if (typeof args.module !== 'string') {
    const sorted = [...all.values()].sort((a, b) => a.name.localeCompare(b.name));
    print(json ? `${JSON.stringify(sorted.map(parameterSchema), null, 2)}\n` : moduleList(sorted));
    return 0;
  }
  const module = all.get(canonicalName(args.module));
  if (!module) {
    const near = suggest(args.module, all.keys());
    throw new OrchError({
      code: 'unknown-module',
      summary: `no module "${args.module}"`,
      hint: near === undefined ? '`orch doc` lists them' : `did you mean "${near}"?`,
    });
  }
  print(json ? `${JSON.stringify(parameterSchema(module), null, 2)}\n` : moduleText(module));
  return 0;
}
