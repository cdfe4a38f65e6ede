import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import type { ActionContext } from '../../controller/actions/action.ts';
import { endsOf } from '../../controller/actions/shared/rsync-ends.ts';
import { rshText, rsyncOptions, synchronizeParams } from '../../controller/actions/shared/rsync-options.ts';
import { action } from '../../controller/actions/synchronize.ts';
import type { TakeOutput } from '../../controller/connect/calls/remote-process.ts';

const casesOf = <T>(file: string): T[] => parse(readFileSync(join(import.meta.dirname, file), 'utf8'));

interface OptionsCase {
  readonly params: Readonly<Record<string, unknown>>;
  readonly check?: boolean;
  readonly options: readonly string[];
}

const always = ['--out-format=<<CHANGED>>%i %n%L'];

describe('the options of rsync', () => {
  it.each(casesOf<OptionsCase>('options.yml'))('of $params', ({ params, check = false, options }) => {
    const given = synchronizeParams.parse({ src: '/a', dest: '/b', ...params });
    expect(rsyncOptions(given, check)).toEqual([...options, ...always]);
  });
});

interface EndsCase {
  readonly name: string;
  readonly host?: string;
  readonly delegate?: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly ends?: object;
  readonly error?: string;
}

describe('where rsync is started', () => {
  it.each(casesOf<EndsCase>('ends.yml'))('$name', ({ host = 'vm01', delegate, params, ends = {}, error }) => {
    const find = () =>
      endsOf(synchronizeParams.parse(params), {
        ...{ host, delegate, playbookDir: '/play' },
        isWorkstation: (name) => name === 'box',
        findSource: (path) => `/play/files/${path.replace(/\/$/, '')}`,
      });
    if (error === undefined) expect(find()).toMatchObject(ends);
    else expect(find).toThrow(error);
  });
});

test('the words of a remote shell, as rsync splits them', () => {
  expect(rshText(['/usr/bin/node', "/a b/it's", '/c "d"/e'])).toBe(`/usr/bin/node "/a b/it's" "/c ""d""/e"`);
});

test('a program that says more than memory holds fails the task', async () => {
  const chunk = Buffer.alloc(1024 * 1024);
  let taken = 0;
  const endless = async (take: TakeOutput) => {
    for (;;) {
      await take(chunk, false);
      taken++;
    }
  };
  const context = {
    ...{ host: 'vm01', delegate: 'vm01', playbookDir: '/play', check: false, diff: false },
    ...{ isWorkstation: () => false, findSource: (path: string) => path, variable: () => undefined },
    program: async (_asked: unknown, take: TakeOutput) => ({ ended: endless(take), endInput: () => undefined }),
  };
  const running = action.run(synchronizeParams.parse({ src: '/a', dest: '/b' }), context as unknown as ActionContext);
  await expect(running).rejects.toMatchObject({
    code: 'task-failed',
    summary: expect.stringContaining('rsync has said'),
  });
  expect(taken).toBe(32);
});
