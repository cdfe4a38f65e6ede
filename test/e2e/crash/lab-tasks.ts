import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** A task as an agent is given it: a module, and the parameters of each item. */
export interface LabTask {
  readonly module: string;
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

type Task = Readonly<Record<string, unknown>>;
const keywords = new Set(['name', 'loop', 'loop_control', 'register', 'become', 'tags', 'when', 'vars']);

/** The tasks of a playbook's first play, whose loops go over lists of the play's variables. */
export function tasksOfFirstPlay(file: string): readonly LabTask[] {
  const [play] = parse(readFileSync(file, 'utf8')) as [{ vars: Record<string, unknown[]>; tasks: Task[] }];
  return play.tasks.map((task) => {
    const module = Object.keys(task).find((key) => !keywords.has(key)) ?? '';
    const items = task.loop === undefined ? [{}] : listOf(task.loop, play.vars);
    return { module, items: items.map((item) => filled(task[module], item)) };
  });
}

function listOf(loop: unknown, vars: Record<string, unknown[]>): readonly unknown[] {
  return Array.isArray(loop) ? loop : (vars[/\{\{ (\w+) \}\}/.exec(String(loop))?.[1] ?? ''] ?? []);
}

function filled(params: unknown, item: unknown): Record<string, unknown> {
  const text = JSON.stringify(params).replace(/\{\{ item(?:\.(\w+))? \}\}/g, (_, key?: string) =>
    String(key === undefined ? item : (item as Record<string, unknown>)[key]),
  );
  return JSON.parse(text) as Record<string, unknown>;
}
