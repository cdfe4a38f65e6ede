import { listTags, listTasks } from '../../playbook/plays/list-tasks.ts';
import { hideSecrets } from '../../vault/secret-texts.ts';
import type { SelectedInput } from './input.ts';

export type Listed = 'hosts' | 'tasks' | 'tags';

/** What a playbook would run on, and what it would do, as Ansible prints it for --list-hosts, --list-tasks and --list-tags;
 * of nothing that is asked for, its name alone. */
export function listing({ playbook, plays }: SelectedInput, what: readonly Listed[]): string {
  const listed = listTasks(playbook);
  const lines = plays.flatMap(({ play: { hosts: pattern }, hosts }, index) => {
    const play = listed[index];
    if (what.length === 0 || !play) return [];
    const tasks = play.tasks.map(({ name, tags }) =>
      hideSecrets(`      ${name}\tTAGS: [${[...tags].sort().join(', ')}]`),
    );
    const parts: Readonly<Record<Listed, readonly string[]>> = {
      hosts: [
        `    pattern: [${hideSecrets(pattern.value)
          .split(',')
          .map((part) => `'${part}'`)
          .join(', ')}]`,
        `    hosts (${hosts.length}):`,
        ...hosts.map((host) => `      ${host}`),
      ],
      tasks: ['    tasks:', ...tasks],
      tags: [hideSecrets(`      TASK TAGS: [${listTags(play).join(', ')}]`)],
    };
    const named = play.name === play.hosts ? pattern.value : play.name;
    const head = hideSecrets(`  play #${index + 1} (${pattern.value}): ${named}\tTAGS: [${play.tags.join(',')}]`);
    const order: readonly Listed[] = ['hosts', 'tasks', 'tags'];
    return ['', head, ...order.flatMap((part) => (what.includes(part) ? parts[part] : []))];
  });
  return ['', `playbook: ${playbook.file}`, ...lines, ''].join('\n');
}
