import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import * as z from 'zod';
import { catalog } from '../../controller/catalog.ts';
import { readProject } from '../../controller/lint/read-project.ts';
import { migrate, placeOfCommand, taskText } from '../../controller/migrate/migrate.ts';
import { isWritable, rewritten } from '../../controller/migrate/rewrite.ts';
import { parsePlaybook } from '../../controller/playbook/parse/parse-playbook.ts';
import { errorText } from '../../controller/report/error-text.ts';

const folder = import.meta.dirname;
const tasks = z.array(z.record(z.string(), z.record(z.string(), z.unknown())));
const table = z.array(
  z.strictObject({
    command: z.string(),
    tasks: tasks.default([]),
    stays: z.string().optional(),
    by_hand: z.string().optional(),
  }),
);
const commands = table.parse(parse(readFileSync(join(folder, 'commands.yml'), 'utf8')));

function migrated(text: string) {
  return migrate(readProject([{ file: 'site.yml' }], { readFile: () => text, catalog }, []), catalog);
}

/** What a run would refuse the tasks for. */
function objections(text: string): readonly string[] {
  return parsePlaybook('site.yml', { readFile: () => text, catalog }).errors.map(errorText);
}

describe('a command', () => {
  test.each(commands)('$command', ({ command, tasks: wanted, stays, by_hand: byHand }) => {
    const [found] = migrated(stringify([{ hosts: 'vm02', tasks: [{ name: 'It', shell: command }] }]));
    expect(found?.becomes.map(({ module, params }) => ({ [module]: params }))).toEqual(wanted);
    const several = wanted.length > 1 ? 'put them in its place, each with a name' : undefined;
    expect(found?.reason).toBe(stays ?? byHand ?? several);
    const became = (found?.becomes ?? []).map((task) => `    - ${taskText(task)}\n`);
    expect(became.length === 0 ? [] : objections(`- hosts: vm02\n  lab: it\n  tasks:\n${became.join('')}`)).toEqual([]);
  });
});

describe('a playbook', () => {
  const before = readFileSync(join(folder, 'before.yml'), 'utf8');
  const found = migrated(before);

  test('gets tasks in the place of commands, and keeps all else', async () => {
    const after = rewritten(before, found.filter(isWritable));
    expect(objections(after)).toEqual([]);
    await expect(after).toMatchFileSnapshot(join(folder, 'after.yml'));
    expect(migrated(after).filter(isWritable)).toEqual([]);
  });

  test('is left as it is where a person must look', () => {
    const left = found.filter((one) => !isWritable(one));
    expect(left.map((one) => `${placeOfCommand(one.task).line}: ${one.reason}`)).toEqual([
      '18: see what creates is for: a task needs none of it, and prints nothing',
      '22: put them in its place, each with a name',
      '25: it only asks',
    ]);
  });
});

test('whatever a command is, what it becomes is taken by a run', () => {
  const words = [
    ...[
      'ip',
      '-n',
      'netns',
      'exec',
      'link',
      'addr',
      'route',
      'rule',
      'neigh',
      'add',
      'del',
      'set',
      'replace',
      'dev',
      'via',
    ],
    ...[
      'type',
      'veth',
      'bridge',
      'vlan',
      'vxlan',
      'id',
      'peer',
      'name',
      'master',
      'up',
      'netns',
      'mtu',
      'sysctl',
      '-w',
    ],
    ...[
      '10',
      '0',
      '1.2.3.4',
      '10.0.0.1/24',
      'default',
      'eth0',
      'a.b=1',
      '{{ x }}',
      "'",
      '"',
      '\\',
      '||',
      'true',
      ';',
      '>',
    ],
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { minLength: 2, maxLength: 9 }), (chosen) => {
      const [found] = migrated(
        stringify([{ hosts: 'vm02', tasks: [{ name: 'It', shell: `ip ${chosen.join(' ')}` }] }]),
      );
      const became = (found?.becomes ?? []).map((task) => `    - ${taskText(task)}\n`);
      if (became.length > 0) expect(objections(`- hosts: vm02\n  lab: it\n  tasks:\n${became.join('')}`)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
