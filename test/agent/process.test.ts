import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ownEnvironment } from '../../agent/environment.ts';
import { makePrivateFolder } from '../../agent/private-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'orch-agent-process-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('hands on nothing of the login that started it but what programs need', () => {
  const login = {
    ...{ PATH: '/usr/bin', HOME: '/root', LC_ALL: 'C', https_proxy: 'http://proxy:3128' },
    ...{
      SSH_AUTH_SOCK: '/tmp/agent',
      AWS_SECRET_ACCESS_KEY: 'x',
      NODE_OPTIONS: '--require /tmp/x.js',
      LD_PRELOAD: 'x',
    },
  };
  expect(ownEnvironment(login)).toEqual({
    PATH: '/usr/bin:/usr/local/sbin:/usr/sbin:/sbin',
    HOME: '/root',
    LC_ALL: 'C',
    https_proxy: 'http://proxy:3128',
  });
});

describe('a private folder', () => {
  it('is made, and one that is there is closed to others', () => {
    const path = join(folder, 'a/b');
    makePrivateFolder(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    chmodSync(path, 0o777);
    makePrivateFolder(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  it('is refused behind a link', () => {
    const link = join(folder, 'link');
    symlinkSync(folder, link);
    expect(() => makePrivateFolder(link)).toThrow('nothing secret can be kept there');
  });

  it('is refused when it is another user’s', () => {
    // Who may not give folders away looks at one of root's.
    const path = process.geteuid?.() === 0 ? join(folder, 'theirs') : '/';
    if (path !== '/') {
      mkdirSync(path);
      chownSync(path, 12345, 12345);
    }
    expect(() => makePrivateFolder(path)).toThrow('nothing secret can be kept there');
  });
});
