import type { RunEvent } from '../types.ts';

/** Says at the end of each playbook how long it took, as ansible.posix.timer does. `now` gives milliseconds. */
export function createTimer(write: (text: string) => void, now = () => performance.now()): (event: RunEvent) => void {
  let startedAt = 0;
  return ({ type }) => {
    if (type === 'run-start') startedAt = now();
    if (type !== 'run-end') return;
    const all = Math.floor((now() - startedAt) / 1000);
    const [days, hours, minutes, seconds] = [all / 86_400, (all / 3600) % 24, (all / 60) % 60, all % 60].map(
      Math.floor,
    );
    write(`Playbook run took ${days} days, ${hours} hours, ${minutes} minutes, ${seconds} seconds\n`);
  };
}
