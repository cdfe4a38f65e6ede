import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { shellTasks } from '../../../controller/migrate/shell-tasks.ts';
import { within } from '../../../controller/migrate/within-netns.ts';
import { ip } from '../scratch-netns.ts';
import { plan, scratch, sweep } from './live-host.ts';

afterAll(sweep);

const commands = z.array(z.string()).parse(parse(readFileSync(join(import.meta.dirname, 'commands.yml'), 'utf8')));

test('what a command becomes has nothing to do where the command was run', async () => {
  const netns = scratch.name('m');
  ip('netns', 'add', netns);
  ip('-n', netns, 'link', 'set', 'lo', 'up');
  for (const command of commands) {
    execFileSync('ip', ['netns', 'exec', netns, 'sh', '-c', command], { stdio: ['ignore', 'ignore', 'inherit'] });
    const split = shellTasks(command, true);
    const found = within('reason' in split ? split : { tasks: split.tasks }, netns);
    if ('reason' in found) throw new Error(`${command}: ${found.reason}`);
    for (const { module, params } of found.tasks) {
      const { steps } = await plan({ name: module, params });
      expect({ command, steps }).toEqual({ command, steps: [] });
    }
  }
}, 60_000);
