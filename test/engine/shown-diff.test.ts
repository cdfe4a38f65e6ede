import { expect, test } from 'vitest';
import { shownDiff } from '../../agent/engine/shown-diff.ts';

const file = (content: string, mode = '0644') => ({ path: '/f', mode, content });

test.each([
  ['a text that changes', file('a\n'), file('b\n', '0600'), { before: 'a\n', after: 'b\n', path: '/f' }],
  ['a file that is made', { state: 'absent' }, file('b\n'), { before: '', after: 'b\n', path: '/f' }],
  ['a file that goes', file('a\n'), { state: 'absent' }, { before: 'a\n', after: '', path: '/f' }],
  [
    'a mode that changes',
    file('a', '0600'),
    file('a'),
    {
      before: '{\n    "mode": "0600",\n    "path": "/f"\n}\n',
      after: '{\n    "mode": "0644",\n    "path": "/f"\n}\n',
      path: '',
    },
  ],
  [
    'a folder that is made',
    { path: '/d', state: 'absent' },
    { path: '/d', state: 'directory', mode: '0755' },
    {
      before: '{\n    "path": "/d",\n    "state": "absent"\n}\n',
      after: '{\n    "path": "/d",\n    "state": "directory"\n}\n',
      path: '',
    },
  ],
  [
    'a folder that goes, with what is in it',
    { path: '/d', state: 'directory', mode: '0755', path_content: { files: ['/d/f'] } },
    { path: '/d', state: 'absent' },
    {
      before:
        '{\n    "path": "/d",\n    "path_content": {\n        "files": [\n            "/d/f"\n        ]\n    },\n    "state": "directory"\n}\n',
      after: '{\n    "path": "/d",\n    "state": "absent"\n}\n',
      path: '',
    },
  ],
  ['something else', { mtu: 1 }, undefined, { before: 'mtu: 1\n', after: '', path: '' }],
])('%s', (_, before, after, diff) => {
  expect(shownDiff({ before, after })).toEqual(diff);
});
