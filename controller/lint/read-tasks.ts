import { canonicalName } from '../playbook/catalog/catalog.ts';
import { keywords } from '../playbook/keywords/keywords.ts';
import { isMappingAt, type Mapping } from '../playbook/parse/fields.ts';
import { pairOf, splitWords } from '../playbook/values/key-value.ts';
import type { Located } from '../source/located.ts';
import { child, items, partOrigin } from '../source/origins.ts';
import type { ProjectFile, ProjectTask } from './project.ts';

type Around = Pick<ProjectTask, 'isHandler' | 'play'>;

const lists = ['pre_tasks', 'tasks', 'post_tasks', 'handlers'] as const;
const parts = ['block', 'rescue', 'always'] as const;

/** Modules whose text is a command line. */
const commands: ReadonlySet<string> = new Set(['command', 'shell', 'raw', 'script', 'expect']);

/** The items of a list that are mappings. */
export function mappingsIn(list: Located | undefined): readonly Located<Mapping>[] {
  if (!list || !Array.isArray(list.value)) return [];
  return items({ ...list, value: list.value }).filter(isMappingAt);
}

/** The tasks of a file, those in blocks behind their block. */
export function tasksOf({ kind, root }: ProjectFile): readonly ProjectTask[] {
  if (kind === 'tasks' || kind === 'handlers') {
    return listed(root, { isHandler: kind === 'handlers', play: undefined });
  }
  if (kind !== 'plays') return [];
  return mappingsIn(root).flatMap((play) =>
    lists.flatMap((list) => listed(child(play, list), { isHandler: list === 'handlers', play })),
  );
}

function listed(list: Located | undefined, around: Around): readonly ProjectTask[] {
  return mappingsIn(list).flatMap((mapping) => [
    taskOf(mapping, around),
    ...parts.flatMap((part) => listed(child(mapping, part), around)),
  ]);
}

function taskOf(mapping: Located<Mapping>, around: Around): ProjectTask {
  const block = Object.hasOwn(mapping.value, 'block');
  const key = block
    ? undefined
    : Object.keys(mapping.value).find((name) => !keywords.task.has(name) && !name.startsWith('with_'));
  const action = key ?? ['local_action', 'action'].find((name) => Object.hasOwn(mapping.value, name));
  const said = action === undefined ? undefined : child(mapping, action);
  const written = key ?? (block ? undefined : namedBy(said));
  const module = canonicalName(written ?? '');
  const given = new Map(pairs(said));
  for (const [name, value] of pairs(child(mapping, 'args'))) if (!given.has(name)) given.set(name, value);
  return { mapping, written, module, said, params: given, command: commandOf(module, said, given), ...around };
}

/** The module of `action:` or `local_action:`. */
function namedBy(said: Located | undefined): string | undefined {
  if (said && isMappingAt(said)) return typeof said.value.module === 'string' ? said.value.module : undefined;
  return typeof said?.value === 'string' ? said.value.trim().split(/\s/)[0] : undefined;
}

function pairs(said: Located | undefined): readonly [string, Located][] {
  if (!said) return [];
  if (isMappingAt(said)) {
    return Object.entries(said.value).map(([name, value]) => [name, { ...said, value, path: [...said.path, name] }]);
  }
  const { value } = said;
  if (typeof value !== 'string') return [];
  return splitWords(value).flatMap((word) => {
    const pair = pairOf(word);
    if (!pair) return [];
    return [[pair.key, { value: pair.value, origin: partOrigin({ ...said, value }, pair.start), path: [] }]];
  });
}

function commandOf(
  module: string,
  said: Located | undefined,
  given: ReadonlyMap<string, Located>,
): Located<string> | undefined {
  if (!commands.has(module)) return undefined;
  const line = typeof said?.value === 'string' ? said : (given.get('cmd') ?? given.get('argv'));
  if (!line) return undefined;
  const { value } = line;
  const text = Array.isArray(value) ? value.map(String).join(' ') : typeof value === 'string' ? value : '';
  return { ...line, value: text };
}
