import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { createJunit, type JunitSettings } from '../../controller/report/run/junit.ts';
import { createRoleProfile, createTaskProfile } from '../../controller/report/run/profile.ts';
import { createTimer } from '../../controller/report/run/timer.ts';
import type { RunEvent } from '../../controller/report/types.ts';

interface Case {
  readonly says: string;
  readonly callback: 'timer' | 'profile_tasks' | 'profile_roles' | 'junit';
  readonly limit?: number;
  readonly junit?: Partial<JunitSettings>;
  readonly events: readonly RunEvent[];
  /** Name of what is written, where it is no text for people. */
  readonly file?: string;
  readonly told: string;
}

const cases = parse(readFileSync(join(import.meta.dirname, 'callbacks.yml'), 'utf8')) as Case[];
const at = { file: '/w/site.yml', line: 3, column: 5 };
const usual: JunitSettings = {
  ...{ taskClass: false, relativePath: undefined, outOfTree: undefined, prefix: '' },
  ...{ failOnChange: false, failOnIgnore: false, includeSetup: true },
};

test.each(cases)('$says', ({ callback, limit = 20, junit, events, file, told }) => {
  let [text, name, clock] = ['', undefined as string | undefined, 0];
  const write = (piece: string) => {
    text += piece;
  };
  const save = (saved: string, content: string) => {
    name = saved;
    text += content;
  };
  const now = () => clock;
  const hear = {
    timer: () => createTimer(write, now),
    profile_tasks: () => createTaskProfile(write, { limit, order: 'descending' }),
    profile_roles: () => createRoleProfile(write),
    junit: () => createJunit({ ...usual, ...junit }, save, () => 1000),
  }[callback]();
  for (const event of events) {
    hear(event.type === 'task-done' ? { ...event, at } : event);
    clock += 1000;
  }
  expect(text).toBe(told.replaceAll('\\x20', ' '));
  expect(name).toBe(file);
});
