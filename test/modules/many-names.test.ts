import { expect, test } from 'vitest';
import type { Host } from '../../agent/linux/host.ts';
import type { RunContext } from '../../agent/modules/module.ts';
import { module } from '../../agent/modules/unarchive.ts';

test.each([
  ['', 'n'.repeat(99)],
  [', of characters of several bytes', `${'é'.repeat(49)}n`],
])(
  'an archive of more names than are looked at%s is not unpacked: one of those beyond may lead through a link',
  async (_, name) => {
    const ran: string[] = [];
    const folder = { kind: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0, mtimeMs: 0 };
    const cut = `${`${name}\n`.repeat(167_773)}[14 more bytes were cut]`;
    const host = {
      runAs: undefined,
      absolute: async (path: string) => path,
      stat: async (path: string) => (path === '/a.tar' ? { ...folder, kind: 'file' } : folder),
      exec: async ({ argv }: { argv: readonly string[] }) => {
        ran.push(argv.slice(0, 2).join(' '));
        const isTar = argv[0] === 'tar';
        return { status: isTar ? 0 : 1, stdout: argv[1] === '--list' ? cut : '', stderr: '', timedOut: false };
      },
    } as unknown as Host;
    const context = { check: false, diff: false, signal: new AbortController().signal } as unknown as RunContext;
    const params = module.params.parse({ src: '/a.tar', dest: '/srv', remote_src: true });
    await expect(module.run(params, host, context)).rejects.toThrow('more than 16777216 bytes');
    expect(ran).not.toContain('tar --extract');
  },
);
