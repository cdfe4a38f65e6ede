import { type CommandLine, splitCommandLines } from './command-lines.ts';
import { commandTask } from './command-task.ts';
import { onlyAsks, type TaskOf } from './translated.ts';

/** What the text of a command asks for, and what it looks at first; or why it can't be told. */
export type ShellTasks =
  | { readonly tasks: readonly TaskOf[]; readonly questions: readonly (readonly string[])[] }
  | { readonly reason: string };

/** What only passes on what another program prints, or looks for something in it. */
const filters = new Set(['grep', 'egrep', 'fgrep', 'awk', 'sed', 'wc', 'head', 'tail', 'cut', 'sort', 'tr']);
/** What stands behind `||` where a failure is to be passed over. */
const passes = new Set(['true', ':', 'echo']);

/** What stands before a program in `if ! ip link show br0; then ip link add br0 type bridge; fi`, and what ends that. */
const around = new Set(['if', 'then', '!', 'fi']);

const passesOver = ({ words: [program = ''], output }: CommandLine) => passes.has(program) && output === undefined;

/** Programs that a `|` joins, up to what ends the last of them. */
function pipelines(lines: readonly CommandLine[]): readonly (readonly CommandLine[])[] {
  const found: CommandLine[][] = [[]];
  for (const line of lines) {
    const program = line.words.findIndex((word) => !around.has(word));
    if (program >= 0) found.at(-1)?.push({ ...line, words: line.words.slice(program) });
    if (line.end !== '|') found.push([]);
  }
  return found.filter(({ length }) => length > 0);
}

/**
 * What a text of `shell` (or of `command`) asks for, as tasks. Of `ip link show br0 || ip link add br0 type bridge` that is the
 * second half: a task looks by itself. What was looked at comes beside it, since it may have been something else.
 */
export function shellTasks(text: string, shell: boolean): ShellTasks {
  const split = splitCommandLines(text, shell);
  if ('reason' in split) return split;
  const tasks: TaskOf[] = [];
  const questions: string[][] = [];
  /** A command was to change something, and `||` stands behind it. */
  let orElse = false;
  for (const [first, ...piped] of pipelines(split.lines)) {
    if (first === undefined) continue;
    const wasOrElse = orElse;
    orElse = false;
    if (wasOrElse && passesOver(first)) continue;
    if (wasOrElse) return { reason: 'its shell decides what comes next' };
    const found = commandTask(first);
    if (found === onlyAsks && piped.every(({ words: [program = ''] }) => filters.has(program))) {
      questions.push([first, ...piped].flatMap(({ words }) => words));
    } else if (piped.length > 0) {
      return { reason: 'its shell hands on what one program prints to another' };
    } else if ('reason' in found) {
      return found;
    } else {
      tasks.push(...found.tasks);
      orElse = first.end === '||';
    }
  }
  return tasks.length === 0 ? onlyAsks : { tasks, questions };
}
