import { afterEach, expect, test, vi } from 'vitest';

/** What a play with these keywords has for its strategy, where the setting says another. */
async function strategyOf(setting: string, keywords: Readonly<Record<string, unknown>>): Promise<unknown> {
  vi.stubEnv('ANSIBLE_STRATEGY', setting);
  // Settings are read once.
  vi.resetModules();
  const { parseDeps } = await import('../../controller/run/input/parse-deps.ts');
  const { parsePlaybook } = await import('../../controller/playbook/parse/parse-playbook.ts');
  const play = { hosts: 'all', tasks: [{ ping: {} }], ...keywords };
  const { playbook } = parsePlaybook('p.yml', { ...parseDeps(), readFile: () => JSON.stringify([play]) });
  return playbook.plays[0]?.strategy;
}

afterEach(() => {
  vi.unstubAllEnvs();
});

test.each([
  ['free', {}, 'free'],
  ['ansible.builtin.host_pinned', {}, 'host_pinned'],
  ['linear', { strategy: 'free' }, 'free'],
  ['free', { any_errors_fatal: true }, 'free'],
  ['one_of_its_own', { any_errors_fatal: true }, 'linear'],
  ['one_of_its_own', {}, undefined],
])('%s, play: %o', async (setting, keywords, strategy) => {
  expect(await strategyOf(setting, keywords)).toBe(strategy);
});
