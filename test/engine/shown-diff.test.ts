import { expect, test } from 'vitest';
import { noDiff, shownDiff } from '../../agent/engine/run/shown-diff.ts';
import { compared } from '../../agent/modules/shared/files/content.ts';

const file = (content: string, mode = '0644') => ({ path: '/f', mode, content });

test.each([
  [
    'a text that changes',
    file('a\n'),
    file('b\n', '0600'),
    [{ before: 'a\n', after: 'b\n', path: '/f', afterPath: '/f' }],
  ],
  ['a file that is made', { state: 'absent' }, file('b\n'), [{ after: 'b\n', afterPath: '/f' }]],
  ['a file that goes', file('a\n'), { state: 'absent' }, [{ before: 'a\n', path: '/f' }]],
  [
    'a mode that changes',
    file('a', '0600'),
    file('a'),
    [
      {
        before: '{\n    "mode": "0600",\n    "path": "/f"\n}\n',
        after: '{\n    "mode": "0644",\n    "path": "/f"\n}\n',
      },
    ],
  ],
  [
    'a folder that is made',
    { path: '/d', state: 'absent' },
    { path: '/d', state: 'directory', mode: '0755' },
    [
      {
        before: '{\n    "path": "/d",\n    "state": "absent"\n}\n',
        after: '{\n    "path": "/d",\n    "state": "directory"\n}\n',
      },
    ],
  ],
  [
    'a folder that goes, with what is in it',
    { path: '/d', state: 'directory', mode: '0755', path_content: { files: ['/d/f'] } },
    { path: '/d', state: 'absent' },
    [
      {
        before:
          '{\n    "path": "/d",\n    "path_content": {\n        "files": [\n            "/d/f"\n        ]\n    },\n    "state": "directory"\n}\n',
        after: '{\n    "path": "/d",\n    "state": "absent"\n}\n',
      },
    ],
  ],
  ['something else', { mtu: 1 }, undefined, [{ before: 'mtu: 1\n' }]],
])('%s', (_, before, after, diff) => {
  expect(shownDiff({ before, after })).toEqual(diff.map((part) => ({ ...noDiff, ...part })));
});

test('text and attributes each by themselves', () => {
  const mode = (text: string) => `{\n    "mode": "${text}"\n}\n`;
  const heads = (what: string) => ({ path: `/f (${what})`, afterPath: `/f (${what})` });
  const attributes = { ...noDiff, ...heads('file attributes'), before: mode('0644'), after: mode('0600') };
  const text = { ...noDiff, ...heads('content'), before: 'a\n', after: 'b\n' };
  const parts = (before: unknown, after: unknown) => shownDiff({ before, after, inParts: true });
  expect(parts(file('a\n'), file('b\n', '0600'))).toEqual([text, attributes]);
  expect(parts(file('a\n'), file('a\n', '0600'))).toEqual([attributes]);
  expect(parts({ state: 'absent' }, file('b\n'))).toEqual([{ ...text, before: '' }]);
});

test('several files each by themselves', () => {
  const [before, after] = [
    [{ state: 'absent' }, file('a\n')],
    [file('b\n'), { path: '/dev/null', content: '' }],
  ];
  expect(shownDiff({ before, after })).toEqual([
    { ...noDiff, after: 'b\n', afterPath: '/f' },
    { ...noDiff, before: 'a\n', path: '/f', afterPath: '/dev/null' },
  ]);
});

test('what is no text is told, and not shown', () => {
  const [binary, large] = [compared(Buffer.from('a\0')), compared(Buffer.alloc(104_449, 'a'))];
  const told = (old: unknown, wanted: unknown) =>
    shownDiff({ before: { ...file(''), content: old }, after: { ...file(''), content: wanted } })[0]?.prepared;
  expect(told(binary, 'text')).toBe('diff skipped: destination file appears to be binary\n');
  expect(told('text', large)).toBe('diff skipped: source file size is greater than 104448\n');
  expect(told(binary, large)?.split('\n')).toHaveLength(3);
  expect(told(binary, binary)).toBe('');
});
