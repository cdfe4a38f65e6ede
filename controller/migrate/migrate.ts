import { stringify } from 'yaml';
import type { Project, ProjectTask } from '../lint/project.ts';
import type { Catalog } from '../playbook/catalog.ts';
import { placeOf } from '../source/origins.ts';
import { splitCommandLines } from './command-lines.ts';
import { commandTask } from './command-task.ts';
import type { TaskOf, Translated } from './translated.ts';

/** A task that runs a network command, and what it becomes. */
export interface Migration {
  readonly task: ProjectTask;
  /** Its first line. */
  readonly command: string;
  readonly becomes: readonly TaskOf[];
  /** Why it stays; with tasks: why they can't be put in its place by themselves. */
  readonly reason: string | undefined;
}

/** Programs whose commands are about the network, wherever they stand in a text. */
const network = /(?:^|[\s;&|(/])(?:ip|sysctl|brctl|modprobe)\s|\/proc\/sys\//;
/** Keywords that look at what a command printed, or that make up for its not being idempotent. */
const ofCommands = ['register', 'changed_when', 'failed_when', 'ignore_errors', 'until', 'environment'];

/** The tasks of a project that run network commands, in order. */
export function migrate({ tasks }: Project, catalog: Catalog): readonly Migration[] {
  return tasks.flatMap((task): readonly Migration[] => {
    const { module, command } = task;
    if (command === undefined || !['command', 'shell', 'raw'].includes(module) || !network.test(command.value))
      return [];
    const text = command.value.trim();
    const told = text.replace(/\n.*/s, ' ...');
    const found = translated(text, module !== 'command', catalog);
    if ('reason' in found) return [{ task, command: told, becomes: [], reason: found.reason }];
    return [{ task, command: told, becomes: found.tasks, reason: byHand(task, found.tasks.length) }];
  });
}

function translated(text: string, shell: boolean, catalog: Catalog): Translated {
  const split = splitCommandLines(text, shell);
  if ('reason' in split) return split;
  const tasks: TaskOf[] = [];
  for (const line of split.lines) {
    const found = commandTask(line);
    if ('reason' in found) return found;
    const wrong = found.tasks.flatMap((one) => objection(one, catalog) ?? [])[0];
    if (wrong !== undefined) return { reason: wrong };
    tasks.push(...found.tasks);
  }
  return { tasks };
}

const isExpression = (value: unknown) => typeof value === 'string' && value.includes('{{');

/** What the module objects to; not in expressions, which have no value yet. */
function objection({ module, params }: TaskOf, catalog: Catalog): string | undefined {
  const { error } = catalog.get(module)?.params.safeParse(params) ?? {};
  const known = Object.values(params).some(isExpression)
    ? error?.issues.filter(({ path: [name] }) => name !== undefined && !isExpression(params[String(name)]))
    : error?.issues;
  const [issue] = known ?? [];
  return issue && `the module ${module} does not take it (${[...issue.path, issue.message].join(': ')})`;
}

function byHand({ mapping, params }: ProjectTask, count: number): string | undefined {
  const given = ofCommands.filter((key) => Object.hasOwn(mapping.value, key));
  // Of a command line, only those that the module itself takes; `name=value` may be the program's.
  const own = ['chdir', 'creates', 'removes', 'executable', 'stdin'].filter((key) => params.has(key));
  const looks = [...given, ...own];
  if (looks.length > 0) return `see what ${looks.join(', ')} is for: a task needs none of it, and prints nothing`;
  return count > 1 ? 'put them in its place, each with a name' : undefined;
}

/** `module: { ... }`, as a task has it. */
export function taskText({ module, params }: TaskOf): string {
  const options = { collectionStyle: 'flow', lineWidth: 0, version: '1.1' } as const;
  return `${module}: ${stringify(params, options).trim()}`;
}

/** Where a task runs its command. */
export function placeOfCommand({ said, mapping }: ProjectTask) {
  return said === undefined ? placeOf(mapping) : placeOf(said, 'key');
}
