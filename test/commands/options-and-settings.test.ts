import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { readRunOptions } from '../../controller/commands/run-options.ts';

test('-v adds to what the settings say', () => {
  vi.stubEnv('ANSIBLE_VERBOSITY', '1');
  vi.resetModules();
  return import('../../controller/commands/run-options.ts').then(({ readRunOptions: anew }) => {
    expect([anew({ verbose: 2 }).verbosity, anew({}).verbosity]).toEqual([3, 1]);
    vi.unstubAllEnvs();
  });
});

test('tags of the command line add to those of the settings, an empty one too', () => {
  vi.stubEnv('ANSIBLE_RUN_TAGS', 'a');
  vi.stubEnv('ANSIBLE_SKIP_TAGS', 'x');
  expect(readRunOptions({ tags: ['b,c'] })).toMatchObject({ tags: ['a', 'b', 'c'], skipTags: ['x'] });
  expect(readRunOptions({ tags: [''] }).tags).toEqual(['a', '']);
  vi.unstubAllEnvs();
});

test.each([
  [{}, 'of the settings'],
  [{ becomePasswordFile: '/proc/self/comm' }, readFileSync('/proc/self/comm', 'utf8').trim()],
])("the settings' password of sudo counts where the command line names none: %j", async (args, wanted) => {
  vi.stubEnv('ANSIBLE_BECOME_PASS', 'of the settings');
  vi.resetModules();
  const { readReachOptions } = await import('../../controller/commands/run-options.ts');
  expect(await readReachOptions(args).becomePassword?.()).toBe(wanted);
  vi.unstubAllEnvs();
});
