import { expect, test } from 'vitest';
import { withFileFacts } from '../../agent/engine/run/file-facts.ts';
import type { Host } from '../../agent/linux/host.ts';
import { Status } from '../../proto/gen/orch/v1/agent.ts';

const files: Readonly<Record<string, Buffer>> = {
  '/etc/passwd': Buffer.from('root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n'),
  '/etc/group': Buffer.from('root:x:0:\n'),
};
const state = { kind: 'file', mode: 0o640, uid: 1000, gid: 50, size: 3, mtimeMs: 0, links: 2 } as const;

const nobody = { status: 0, stdout: '', stderr: '', timedOut: false };

/** Of a host with one file, `/f`, whose group only another database knows. */
const host: Pick<Host, 'stat' | 'readFile' | 'exec'> = {
  stat: async (path) => (path === '/f' ? state : undefined),
  readFile: async (path) => files[path],
  exec: async ({ argv }) => ({ status: 0, stdout: `${argv.join(' ')}:x:50:`, stderr: '', timedOut: false }),
};

test.each([
  ['path', { path: '/f', state: 'touch' }],
  ['dest', { dest: '/f' }],
])('the file that a result names as %s is told of', async (_, result) => {
  const outcome = await withFileFacts({ status: Status.OK, result, warnings: [] }, host);
  expect(outcome.result).toEqual({
    ...result,
    ...{ uid: 1000, gid: 50, mode: '0640', size: 3, owner: 'ann', group: 'getent group 50', state: 'hard' },
  });
});

test('who has no name is told by number', async () => {
  const nameless = { ...host, stat: async () => ({ ...state, uid: 7 }), exec: async () => ({ ...nobody, status: 2 }) };
  const outcome = await withFileFacts({ status: Status.OK, result: { path: '/f' }, warnings: [] }, nameless);
  expect(outcome.result).toMatchObject({ owner: '7', group: '50' });
});

test.each([
  ['is not there', { path: '/gone' }],
  ['is no path', { dest: 'x' }],
])('a file that %s leaves the result as it is', async (_, result) => {
  const outcome = await withFileFacts({ status: Status.OK, result, warnings: [] }, host);
  expect(outcome.result).toEqual(result);
});
