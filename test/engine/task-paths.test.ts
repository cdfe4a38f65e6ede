import { expect, it } from 'vitest';
import { Promises } from '../../agent/engine/check/promises.ts';
import { AskedTasks } from '../../agent/engine/run/asked-tasks.ts';
import { withAbsolutePaths } from '../../agent/engine/run/path-params.ts';
import { TaskHost } from '../../agent/engine/run/task-host.ts';
import { TaskPaths } from '../../agent/engine/run/task-paths.ts';
import { Spool } from '../../agent/linux/files/spool.ts';
import { registry } from '../../agent/modules/registry.gen.ts';
import { FakeHost } from './fake-host.ts';

const homes: Readonly<Record<string, string>> = { root: '/root', alice: '/home/alice', nobody: '/' };

/** A host with these users, whose homes are there but for nobody's. */
class HostWithUsers extends FakeHost {
  override async user(name: string) {
    const home = homes[name];
    return home === undefined ? undefined : { uid: 1, gid: 1, home };
  }

  override async stat(path: string) {
    const isHome = path === '/home/alice/.' || path === '/root/.';
    const rest = { mode: 0o755, uid: 0, gid: 0, size: 0, mtimeMs: 0 };
    return isHome ? ({ kind: 'directory', ...rest } as const) : undefined;
  }
}

const host = new HostWithUsers({});
const task = { runAs: undefined, environment: {}, cwd: '~alice' };

it.each([
  ['/etc/hosts', {}, '/etc/hosts'],
  ['~', {}, '/root'],
  ['~/a', { runAs: 'alice' }, '/home/alice/a'],
  ['~/a', { environment: { HOME: '/elsewhere/' } }, '/elsewhere/a'],
  ['~alice/a/', {}, '/home/alice/a/'],
  ['~nobody', {}, '/'],
  ['~stranger/a', {}, '/home/alice/~stranger/a'],
  ['notes/a', {}, '/home/alice/notes/a'],
  ['./a', { cwd: '/srv/play' }, '/srv/play/./a'],
  ['a', { cwd: '' }, '/a'],
  ['a', { cwd: '~nobody' }, '/a'],
  ['$HOME/$LANG/$none', {}, '/root/C.UTF-8/$none'],
  ['$DIR/a', { environment: { DIR: '~alice' } }, '/home/alice/a'],
])('%s of %o is %s', async (path, start, absolute) => {
  expect(await new TaskPaths(host, { ...task, ...start }).absolute(path)).toBe(absolute);
});

it.each([
  ['~/a', '/root/a'],
  ['a~', 'a~'],
  ['--home=~', '--home=~'],
  ['-x$LANG', '-xC.UTF-8'],
  ['$(id)', '$(id)'],
])('the word %s is %s', async (word, wanted) => {
  expect(await new TaskPaths(host, task).word(word)).toBe(wanted);
});

/** Parameters as a playbook has them, and as the module sees them. */
it.each([
  ['stat', { path: '~/a', follow: true }, { path: '/root/a', follow: true }],
  ['find', { paths: ['a', '/b'] }, { paths: ['/home/alice/a', '/b'] }],
  ['find', { paths: '~alice' }, { paths: '/home/alice' }],
  ['file', { path: 'a', src: '../b', state: 'link' }, { path: '/home/alice/a', src: '../b', state: 'link' }],
  ['file', { path: '~/l', src: '~/a', state: 'link' }, { path: '/root/l', src: '/root/a', state: 'link' }],
  ['file', { path: '/l', src: '~alice/a', state: 'link' }, { path: '/l', src: '/home/alice/a', state: 'link' }],
  ['file', { path: '/l', src: '~stranger/a', state: 'link' }, { path: '/l', src: '~stranger/a', state: 'link' }],
  ['file', { path: '/l', src: '$none/a', state: 'link' }, { path: '/l', src: '$none/a', state: 'link' }],
  ['file', { path: '/l', src: 'a/../$LANG/b', state: 'link' }, { path: '/l', src: 'a/../C.UTF-8/b', state: 'link' }],
  ['shell', { cmd: 'true', executable: 'bash' }, { cmd: 'true', executable: 'bash' }],
  ['shell', { cmd: 'true', executable: '~/sh' }, { cmd: 'true', executable: '/root/sh' }],
  ['copy', { src: 'a', dest: 'b/' }, { src: 'a', dest: '/home/alice/b/' }],
  ['stat', { path: 5 }, { path: 5 }],
  ['ping', null, null],
])('%s takes %o as %o', async (name, params, seen) => {
  const module = registry.get(name);
  if (module === undefined) throw new Error(name);
  const view = new TaskHost(host, {
    ...task,
    promises: new Promises(),
    files: host,
    asked: new AskedTasks(),
    owns: () => false,
    spool: new Spool(
      async () => undefined,
      () => undefined,
    ),
    bring: async () => Promise.reject(new Error('nothing comes from afar')),
  });
  expect(await withAbsolutePaths(module, params, view)).toEqual(seen);
});
