import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { cacheDir, expandedPath, stateDir } from '../../controller/paths.ts';

afterEach(() => vi.unstubAllEnvs());

test.each([
  ['/srv/state', '/srv/state/orch'],
  ['state', join(homedir(), '.local/state/orch')],
  ['', join(homedir(), '.local/state/orch')],
])('XDG_STATE_HOME=%j', (said, means) => {
  vi.stubEnv('XDG_STATE_HOME', said);
  expect(stateDir()).toBe(means);
});

test('XDG_CACHE_HOME counts from the root on alone', () => {
  vi.stubEnv('XDG_CACHE_HOME', '../cache');
  expect(cacheDir()).toBe(join(homedir(), '.cache/orch'));
});

test.each([
  ['~/lab', '/home/me/lab'],
  ['$LAB/hosts', '/home/me/lab/hosts'],
  ['$NONE/a~', '$NONE/a~'],
  ['~', '/home/me'],
])('%s in an option', (written, means) => {
  expect(expandedPath(written, { LAB: '~/lab' }, '/home/me')).toBe(means);
});
