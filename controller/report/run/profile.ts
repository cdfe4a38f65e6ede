import { cleanLine } from '../clean.ts';
import { banner } from '../format.ts';
import type { RunEvent, TaskRecord } from '../types.ts';
import { TaskRounds } from './task-rounds.ts';

type Listener = (event: RunEvent) => void;

/** The width that Ansible's lists of times have. */
const columns = 79;
const timeColumns = 9;

const orders = { descending: -1, ascending: 1, none: 0 } as const;

interface Timed {
  readonly name: string;
  ms: number;
}

interface TimedTask extends Timed {
  readonly module: string;
}

function row({ name, ms }: Timed): string {
  const time = ` ${(ms / 1000).toFixed(2)}s`;
  return `${`${cleanLine(name)} `.padEnd(columns - timeColumns, '-')}${time.padStart(timeColumns, '-')}\n`;
}

/** Times of all tasks of a playbook. A task takes as long as the host that takes longest: hosts are at it side by side. */
function taskTimes(tell: (times: readonly TimedTask[]) => void): Listener {
  const rounds = new TaskRounds<TimedTask>();
  let times: TimedTask[] = [];
  const add = (record: TaskRecord): void => {
    const timed = rounds.of(record, () => {
      const begun = { name: record.task, module: record.module, ms: 0 };
      times.push(begun);
      return begun;
    });
    timed.ms = Math.max(timed.ms, record.durationMs);
  };
  return (event) => {
    if (event.type === 'run-start') times = [];
    if (event.type === 'run-start' || event.type === 'play-start') rounds.clear();
    if (event.type === 'task-done') add(event);
    if (event.type === 'run-end') tell(times);
  };
}

/** Lists the tasks of each playbook that took longest, as ansible.posix.profile_tasks does. */
export function createTaskProfile(
  write: (text: string) => void,
  { limit, order }: { readonly limit: number; readonly order: keyof typeof orders },
): Listener {
  return taskTimes((times) => {
    const listed = times.toSorted((a, b) => orders[order] * (a.ms - b.ms)).slice(0, limit);
    write(`\n${banner('TASKS RECAP')}\n${'='.repeat(columns)} \n${listed.map(row).join('')}`);
  });
}

/** Tells how long the tasks of each role took together, as ansible.posix.profile_roles does; those of no role by their modules. */
export function createRoleProfile(write: (text: string) => void): Listener {
  return taskTimes((times) => {
    const roles = new Map<string, Timed>();
    for (const { name, module, ms } of times) {
      const [role = module] = name.split(' : ').slice(0, -1);
      const timed = roles.get(role) ?? { name: role, ms: 0 };
      timed.ms += ms;
      roles.set(role, timed);
    }
    const all = [...roles.values()].toSorted((a, b) => b.ms - a.ms);
    const total = row({ name: 'total', ms: all.reduce((sum, { ms }) => sum + ms, 0) });
    const rows = all.map(row).join('');
    write(`\n${banner('ROLES RECAP')}\n${'='.repeat(columns)} \n${rows}${'~'.repeat(columns)} \n${total}`);
  });
}
