import { join } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import { exactJson, readDataJson } from '../../proto/exact-json.ts';
import { settings } from '../config/settings.ts';
import { localhosts } from '../inventory/types.ts';
import { isTemplate } from '../playbook/values/template-check.ts';
import type { ExitCode, RunEvent } from '../report/types.ts';
import type { Interrupt } from '../run/hosts/interrupt.ts';
import { loadInput, noHosts, refuse, type SelectedInput, selectInput } from '../run/input/input.ts';
import { inventorySources } from '../run/input/inventory-sources.ts';
import { prepareRun } from '../run/input/prepare.ts';
import type { RunCommandOptions } from './run-options.ts';
import { runPrepared } from './run-prepared.ts';

/** One module, to be run on hosts without a playbook. */
export interface AdHoc {
  readonly pattern: string;
  readonly module: string;
  /** key=value, free text or JSON. */
  readonly args: string;
  /** More keywords of the task. */
  readonly keywords: Readonly<Record<string, unknown>>;
}

/** Keywords with which what is wrong with the task fails it on its hosts, as in Ansible: whether that is ignored only the run can tell. */
export const leftToHosts = { ignore_errors: '{{ false }}' } as const;

/** The file that stands for a playbook in places of errors, and names the lab. */
export function adHocFile(playbookDir: string): string {
  return join(playbookDir, 'orch-do.yml');
}

/** A play of one task, as text: JSON is YAML. */
function playText({ pattern, module, args, keywords }: AdHoc): string {
  const given = args.trim();
  const parameters: unknown =
    given.startsWith('{') && given.endsWith('}') && !given.startsWith('{{')
      ? readJson(given)
      : given === ''
        ? null
        : given;
  const action = isTemplate(module) ? { action: `${module} ${given}` } : { [module]: parameters };
  const task = { name: module, ...action, ...keywords };
  return exactJson([{ name: 'Ansible Ad-Hoc', hosts: pattern, gather_facts: false, tasks: [task] }]);
}

function readJson(text: string): unknown {
  try {
    return readDataJson(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : undefined;
    throw new OrchError({ code: 'invalid-option', summary: '--args starts as JSON and is none.', detail });
  }
}

/** The play with its hosts. Throws OrchErrors for all that is wrong with it and the inventory. */
export function adHocInput(
  { inventories, extraVars, limit }: Pick<RunCommandOptions, 'inventories' | 'extraVars' | 'limit'>,
  playbookDir: string,
  adHoc: AdHoc,
): SelectedInput {
  const errors: OrchError[] = [];
  const sources = inventorySources(inventories);
  const loaded = loadInput(adHocFile(playbookDir), sources, extraVars, errors, playText(adHoc));
  refuse(errors);
  const input = selectInput(loaded, { tags: { only: [], skip: [] }, limit, startAtTask: undefined }, errors);
  // A name that nothing has is only warned of, as in Ansible, unless the settings say otherwise.
  const isError = settings().hostPatternMismatch === 'error';
  refuse(errors.filter(({ code }) => isError || code !== 'unknown-host'));
  // Who asks for the workstation itself need not be told that there is nothing else.
  const warnings = localhosts.has(adHoc.pattern) ? input.warnings.filter((each) => each !== noHosts) : input.warnings;
  return { ...input, warnings };
}

/** Runs it; `print` hears what happens. Throws OrchErrors before any host is contacted. */
export async function runAdHoc(
  input: SelectedInput,
  command: RunCommandOptions,
  interrupt: Interrupt,
  print: (event: RunEvent) => void,
): Promise<ExitCode> {
  const errors: OrchError[] = [];
  const prepared = prepareRun(input, { ...command, tags: [] }, errors);
  refuse(errors);
  return runPrepared(prepared, command, interrupt, print);
}
