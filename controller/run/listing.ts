import { listTags, listTasks } from '../playbook/list-tasks.ts';
import type { SelectedInput } from './input.ts';

/** What a playbook would run on, and what it would do: for --list-hosts, --list-tasks and --list-tags. */
export function listing({ playbook, plays }: SelectedInput, what: 'hosts' | 'tasks' | 'tags'): string {
  const tasks = listTasks(playbook);
  const lines = plays.flatMap(({ hosts }, index) => {
    const play = tasks[index];
    const head = `  play #${index + 1} (${play?.hosts}): ${play?.name}`;
    if (what === 'hosts') return [head, `    hosts (${hosts.length}):`, ...hosts.map((host) => `      ${host}`)];
    const named = (tags: readonly string[]) => `TAGS: [${tags.join(', ')}]`;
    if (what === 'tags') return [head];
    return [
      `${head}  ${named(play?.tags ?? [])}`,
      ...(play?.tasks ?? []).map((t) => `      ${t.name}  ${named(t.tags)}`),
    ];
  });
  const tags = what === 'tags' ? [`    TASK TAGS: [${listTags(playbook).join(', ')}]`] : [];
  return [`playbook: ${playbook.file}`, ...lines, ...tags, ''].join('\n');
}
