import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parsePlaybook } from '../../controller/playbook/parse/parse-playbook.ts';
import { listTags, listTasks } from '../../controller/playbook/plays/list-tasks.ts';
import { selectTags } from '../../controller/playbook/plays/select-tags.ts';
import { startAtTask } from '../../controller/playbook/plays/start-at.ts';
import type { Playbook } from '../../controller/playbook/types.ts';
import { errorText } from '../../controller/report/error-text.ts';
import { OrchError } from '../../proto/errors.ts';
import { catalog } from './catalog.ts';

interface Case {
  only?: string[];
  skip?: string[];
  start?: string;
  tasks?: string[];
  error?: string;
}

const file: { playbook: string; cases: Case[]; tags: string[][] } = parse(
  readFileSync(join(import.meta.dirname, 'select.yml'), 'utf8'),
);
const { playbook } = parsePlaybook('lab.yml', { readFile: () => file.playbook, catalog });
const names = (selected: Playbook) => listTasks(selected).flatMap((play) => play.tasks.map((task) => task.name));

test.each(file.cases)('%o', ({ only = [], skip = [], start, tasks, error }) => {
  const selected = selectTags(playbook, { only, skip });
  if (start === undefined) expect(names(selected)).toEqual(tasks);
  else if (tasks) expect(startAtTask([selected], start).map(names)).toEqual([tasks]);
  else {
    try {
      startAtTask([selected], start);
      expect.unreachable();
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(OrchError);
      expect(errorText(thrown as OrchError).split('\n')[0]).toBe(error);
    }
  }
});

test('tags of a playbook, and of a task with those it inherits', () => {
  const plays = listTasks(playbook);
  expect(plays.map(listTags)).toEqual(file.tags);
  expect(plays[0]?.tasks.find(({ name }) => name === 'inner lab')?.tags).toEqual(['net', 'lab']);
});

test('a text has tags between commas, empty ones too; a list has them as they are', () => {
  const tags = ['""', '"x, "', '["x,y", "" ]', '"{{ [a, b] }}, z"'];
  const text = `- hosts: all\n  tasks:\n${tags.map((each) => `    - { command: a, tags: ${each} }\n`).join('')}`;
  const [play] = listTasks(parsePlaybook('lab.yml', { readFile: () => text, catalog }).playbook);
  expect(play?.tasks.map((task) => task.tags)).toEqual([[''], ['x', ''], ['x,y', ''], ['{{ [a, b] }}', 'z']]);
});

test('a task to start at in a later playbook leaves those before it out', () => {
  const later = { ...playbook, plays: playbook.plays.slice(1) };
  const before = { ...playbook, plays: playbook.plays.slice(0, 1) };
  const [start = ''] = names(later);
  expect(startAtTask([before, later, before], start).map(names)).toEqual([[], names(later), names(before)]);
});

test('plays before the task to start at are there still, and do nothing', () => {
  const [{ plays } = playbook] = startAtTask([playbook], 'second');
  expect(plays.map(({ hosts }) => hosts.value)).toEqual(['all', 'web', 'last']);
  expect(plays[0]).toMatchObject({ gatherFacts: false, flushes: false, entries: [] });
});
