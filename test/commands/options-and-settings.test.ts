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

test.each(['askPass', 'askBecomePass'])(
  'what the command line has asked for stands before a file of the settings: %s',
  async (what) => {
    vi.stubEnv('ANSIBLE_CONNECTION_PASSWORD_FILE', '/proc/self/comm');
    vi.stubEnv('ANSIBLE_BECOME_PASSWORD_FILE', '/proc/self/comm');
    vi.doMock('../../controller/connect/asking/prompt.ts', () => ({ askedSecret: () => async () => 'asked' }));
    vi.resetModules();
    const { readReachOptions } = await import('../../controller/commands/run-options.ts');
    const { password, becomePassword } = readReachOptions({ [what]: true });
    const [asked, filed] = what === 'askPass' ? [password, becomePassword] : [becomePassword, password];
    expect(await asked?.()).toBe('asked');
    expect(await filed?.()).toBe(readFileSync('/proc/self/comm', 'utf8').trim());
    vi.doUnmock('../../controller/connect/asking/prompt.ts');
    vi.unstubAllEnvs();
  },
);

test('folders of modules that are given later stand before those given earlier', async () => {
  vi.resetModules();
  const { readRunOptions: anew } = await import('../../controller/commands/run-options.ts');
  const { settings } = await import('../../controller/config/settings.ts');
  anew({ modulePath: ['/a', '/b:/c'] });
  expect(settings().library.slice(0, 3)).toEqual(['/b', '/c', '/a']);
});
