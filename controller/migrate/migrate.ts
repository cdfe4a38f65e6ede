import { stringify } from 'yaml';
import type { Project, ProjectTask } from '../lint/project.ts';
import type { Catalog } from '../playbook/catalog/catalog.ts';
import { placeOf } from '../source/origins.ts';
import { type ShellTasks, shellTasks } from './shell-tasks.ts';
import type { TaskOf } from './translated.ts';

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
const network =
  /(?:^|[\s;&|(/])(?:(?:ip|sysctl|brctl|bridge|tc|ethtool|ifconfig|vconfig|modprobe)\s|route\s+(?:add|del)\s)|\/proc\/sys\//;
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
    return [{ task, command: told, becomes: found.tasks, reason: byHand(task, found) }];
  });
}

function translated(text: string, shell: boolean, catalog: Catalog): ShellTasks {
  const found = shellTasks(text, shell);
  if ('reason' in found) return found;
  const [wrong] = found.tasks.flatMap((one) => objection(one, catalog) ?? []);
  return wrong === undefined ? found : { reason: wrong };
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

/** Whether it is asked for what the task itself looks at: the same name, or an address without its prefix. */
function isAbout(question: readonly string[], { params }: TaskOf): boolean {
  const last = (question.findLast((word) => word !== ']') ?? '').replace(/^.*\//, '');
  return Object.values(params).some(
    (value) =>
      typeof value === 'string' &&
      (question.includes(value) ||
        (value.length > 1 && last.includes(value)) ||
        (last.length > 1 && value.includes(last))),
  );
}

type Found = Exclude<ShellTasks, { reason: string }>;

/** What a person must look at before the tasks take the command's place; undefined: nothing. */
function byHand({ mapping, params }: ProjectTask, { tasks, questions }: Found): string | undefined {
  const given = ofCommands.filter((key) => Object.hasOwn(mapping.value, key));
  // Of a command line, only those that the module itself takes; `name=value` may be the program's.
  const own = ['chdir', 'creates', 'removes', 'executable', 'stdin'].filter((key) => params.has(key));
  const looks = [...given, ...own];
  if (looks.length > 0) return `see what ${looks.join(', ')} is for: a task needs none of it, and prints nothing`;
  const other = questions.find((question) => !tasks.some((task) => isAbout(question, task)));
  if (other !== undefined) return `see what "${other.join(' ')}" is for: a task looks by itself at what it changes`;
  return tasks.length > 1 ? 'put them in its place, each with a name' : undefined;
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
