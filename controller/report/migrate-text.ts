import { placeLines } from './error-text.ts';
import { count } from './format.ts';
import type { MigratedTask, MigrateReport } from './migrate-types.ts';
import type { Style } from './style.ts';

function taskLines({ at, command, becomes, reason, written }: MigratedTask, style: Style): readonly string[] {
  if (becomes.length === 0) return placeLines(at, `${command}: ${reason}`, 'stays');
  const what = count(becomes.length, 'task');
  return [
    ...placeLines(at, `${command}: ${what}`, written ? 'written' : 'becomes'),
    ...becomes.map((task) => style.good(`  ${task}`)),
    ...(reason === undefined ? [] : [`  by hand: ${reason}`]),
  ];
}

/** Each network command with the task that it becomes, and how many there are. */
export function migrateText({ files, tasks, commands }: MigrateReport, style: Style): string {
  const told = commands.flatMap((command) => taskLines(command, style));
  const become = commands.filter(({ becomes }) => becomes.length > 0);
  const written = become.filter((one) => one.written).length;
  const end = [
    `commands of the network: ${become.length} with tasks, ${written} of them written, ${commands.length - become.length} left`,
    count(tasks - commands.length, 'other task'),
  ];
  return [...told, `${count(files.length, 'file')}, ${end.join('; ')}`, ''].join('\n');
}

/** The report as `--output json` prints it. */
export function migrateJson({ commands, ...report }: MigrateReport) {
  return {
    ...report,
    commands: commands.map(({ at: { file, line, column }, ...command }) => ({ file, line, column, ...command })),
  };
}
