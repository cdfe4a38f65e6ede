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
