import { readFileSync, writeFileSync } from 'node:fs';
import type { Argv } from 'yargs';
import type { OrchError } from '../../proto/errors.ts';
import { catalog } from '../catalog.ts';
import { loadProject } from '../lint/load-project.ts';
import { type Migration, migrate, placeOfCommand, taskText } from '../migrate/migrate.ts';
import { isWritable, rewritten } from '../migrate/rewrite.ts';
import { safeJson } from '../report/clean.ts';
import { errorText } from '../report/error-text.ts';
import { migrateJson, migrateText } from '../report/migrate-text.ts';
import type { MigrateReport } from '../report/migrate-types.ts';
import { createStyle } from '../report/style.ts';
import { vaultOptions } from '../vault/options.ts';
import { hideSecrets } from '../vault/secret-texts.ts';
import { outputOption, projectPositional } from './given-options.ts';
import { ownTerminal } from './own-terminal.ts';
import { type Args, texts } from './read-options.ts';

export function options(yargs: Argv): Argv {
  return vaultOptions(yargs)
    .positional('playbook', projectPositional)
    .options({
      write: { type: 'boolean', default: false, describe: 'Put the tasks in the place of the commands' },
      output: outputOption,
    })
    .epilogue(
      [
        'orch migrate site.yml           what becomes what; nothing is contacted or changed',
        'orch migrate site.yml --write   and changes the files; what needs a look is left to you',
        'Exit code 0; 4: wrong input, which a run would refuse: nothing is written then.',
      ].join('\n'),
    );
}

/** Tells which network commands of playbooks become which idempotent tasks, and what a run would refuse. */
export async function execute(args: Args): Promise<number> {
  const terminal = ownTerminal();
  const errors: OrchError[] = [];
  const project = loadProject(texts(args.playbook), { inventories: [], extraVars: [] }, errors);
  const migrations = migrate(project, catalog);
  const isWritten = (one: Migration) => args.write === true && errors.length === 0 && isWritable(one);
  write(migrations.filter(isWritten));
  const report: MigrateReport = {
    version: 1,
    files: project.files.map(({ source }) => source.file),
    tasks: project.tasks.filter(({ module }) => module !== '').length,
    commands: migrations.map((one) => ({
      at: placeOfCommand(one.task),
      command: one.command,
      becomes: one.becomes.map(taskText),
      reason: one.reason,
      written: isWritten(one),
    })),
  };
  if (errors.length > 0) process.stderr.write(`${hideSecrets(errors.map(errorText).join('\n'))}\n`);
  const told =
    args.output === 'json' ? `${safeJson(migrateJson(report), 2)}\n` : migrateText(report, createStyle(terminal.color));
  terminal.write(hideSecrets(told));
  return errors.length > 0 ? 4 : 0;
}

/** Changes the files of migrations. */
function write(migrations: readonly Migration[]): void {
  for (const file of new Set(migrations.map((one) => placeOfCommand(one.task).file))) {
    const own = migrations.filter((one) => placeOfCommand(one.task).file === file);
    writeFileSync(file, rewritten(readFileSync(file, 'utf8'), own));
  }
}
