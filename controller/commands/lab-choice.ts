import { existsSync } from 'node:fs';
import type { Argv } from 'yargs';
import { OrchError, OrchErrors } from '../../proto/errors.ts';
import type { Target } from '../connect/types.ts';
import { runsDir } from '../paths.ts';
import { parsePlaybook } from '../playbook/parse/parse-playbook.ts';
import { hostsOfLab, newestOfLab } from '../record/lab-hosts.ts';
import { findRun, readRun } from '../record/read.ts';
import { parseDeps } from '../run/input/parse-deps.ts';
import { targetOptions } from './given-options.ts';
import { inventoryTargets } from './inventory-targets.ts';
import { labTargets } from './lab-targets.ts';
import { type Args, readLab } from './read-options.ts';

/** A lab, maybe one run of it, and the hosts to speak to. */
export interface LabChoice {
  readonly lab: string;
  /** Undefined: the newest that fits. */
  readonly run: string | undefined;
  readonly targets: readonly Target[];
}

/** Options of commands about runs that were made. */
export function labOptions(yargs: Argv): Argv {
  return targetOptions(yargs)
    .positional('what', {
      type: 'string',
      describe: 'A run (`orch runs` lists them; a part of its name will do), a lab, or its playbook',
    })
    .options({
      lab: { type: 'string', describe: 'The lab, by its name' },
      wait: { type: 'number', default: 0, describe: 'Seconds to queue behind another run of the same lab' },
      output: { choices: ['text', 'json'] as const, default: 'text' as const, describe: 'What to print' },
    });
}

/** What the command line names: a run on record here, a playbook, or a lab; nothing: the last run's lab. Throws OrchError(s). */
export function chooseLab(args: Args): LabChoice {
  const choice = chosen(args);
  if (choice.targets.length > 0) return choice;
  const summary = `No host is known that lab ${choice.lab} could be on.`;
  throw new OrchError({ code: 'invalid-option', summary, hint: 'Name its inventory with -i.' });
}

function chosen(args: Args): LabChoice {
  const what = typeof args.what === 'string' ? args.what : undefined;
  const lab = args.lab === undefined ? undefined : readLab(args.lab);
  if (what !== undefined && /\.ya?ml$/.test(what)) return ofPlaybook(what, args);
  if (lab !== undefined) return { lab, run: what, targets: labTargets(args, hostsOfLab(runsDir(), lab)) };
  // Names of runs end with their lab's: the newest one, where a lab is meant.
  const newest = what === undefined ? undefined : newestOfLab(runsDir(), what);
  const run = newest ?? findRun(runsDir(), what ?? 'last');
  const report = readRun(runsDir(), run);
  if (report === undefined) {
    const hint = 'Name the lab with --lab, or its playbook.';
    throw new OrchError({ code: 'invalid-option', summary: `the record of run ${run} cannot be read`, hint });
  }
  const known = args.inventory === undefined && existsSync(report.inventory) ? { inventory: [report.inventory] } : {};
  const hosts = [...Object.keys(report.hosts), ...hostsOfLab(runsDir(), report.lab)];
  const all = labTargets({ ...args, ...known }, hosts);
  const targets = args.limit === undefined ? all.filter(({ name }) => hosts.includes(name)) : all;
  return { lab: report.lab, run: what === undefined || newest !== undefined ? undefined : run, targets };
}

function ofPlaybook(file: string, args: Args): LabChoice {
  const { lab, hosts } = labOfPlaybook(file);
  return { lab, run: undefined, targets: inventoryTargets({ ...args, limit: args.limit ?? hosts }) };
}

/** The lab of a playbook, and the pattern of its hosts; undefined: only a run can render it. Throws OrchErrors. */
export function labOfPlaybook(file: string): { readonly lab: string; readonly hosts: string | undefined } {
  const { playbook, errors } = parsePlaybook(file, parseDeps());
  if (errors.length > 0) throw new OrchErrors(errors);
  const patterns = playbook.plays.map(({ hosts }) => hosts.value);
  const isKnown = patterns.every((pattern) => !pattern.includes('{{'));
  return { lab: playbook.lab, hosts: isKnown ? patterns.join(',') : undefined };
}
