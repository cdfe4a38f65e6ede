import { describe, expect, test } from 'vitest';
import { CommandLine } from '../../controller/commands/command-line.ts';
import { endpointText, parseEndpoint } from '../../controller/commands/endpoint.ts';
import { arrange, options } from '../../controller/commands/exec.ts';
import { PrefixedLines } from '../../controller/report/prefixed-lines.ts';

test.each([
  ['vm02', { hosts: 'vm02', netns: undefined }],
  ['vm02/ns01', { hosts: 'vm02', netns: 'ns01' }],
  ['all/ns01', { hosts: 'all', netns: 'ns01' }],
  ['web:!vm0[12]', { hosts: 'web:!vm0[12]', netns: undefined }],
])('%s is an endpoint', (text, endpoint) => {
  expect(parseEndpoint(text)).toEqual(endpoint);
});

test.each([
  ['', 'it names no host'],
  ['/ns01', 'it names no host'],
  ['vm02/', 'a netns name cannot be empty'],
  ['vm02/..', 'cannot name a netns'],
  ['vm02/a/b', 'cannot name a netns'],
  ['vm02/-a', 'option of ip'],
  ['vm02/a b', 'holds a blank'],
])('%j is none', (text, why) => {
  expect(() => parseEndpoint(text)).toThrow(why);
});

test('an endpoint is written as it is read', () => {
  expect(endpointText('vm02', undefined)).toBe('vm02');
  expect(parseEndpoint(endpointText('vm02', 'ns01'))).toEqual({ hosts: 'vm02', netns: 'ns01' });
});

describe('the words of orch exec', () => {
  test.each([
    ['vm02 ls -l', 'vm02 -- ls -l'],
    ['-b -e A=1 -i hosts vm02/ns01 ping -c 1', '-b -e A=1 -i hosts vm02/ns01 -- ping -c 1'],
    ['--env=A=1 --no-stdin vm02 cat', '--env=A=1 --no-stdin vm02 -- cat'],
    ['--deadline 5 vm02 sleep 9', '--deadline 5 vm02 -- sleep 9'],
    ['-b --become-u root --inv=hosts -ihosts vm02 ls', '-b --become-u root --inv=hosts -ihosts vm02 -- ls'],
    ['--conn-pass-file f -T 3 --key-file k vm02 ls', '--conn-pass-file f -T 3 --key-file k vm02 -- ls'],
    ['vm02 -i hosts -- ls', 'vm02 -i hosts -- ls'],
    ['vm02', 'vm02'],
    ['', ''],
  ])('%s', (words, arranged) => {
    expect(arrange(words.split(' '), new CommandLine(options, expect.unreachable)).join(' ')).toBe(arranged);
  });
});

test('lines get their prefix, whole, whatever pieces they come in', () => {
  const lines = new PrefixedLines('a | ');
  const said = ['on', 'e\ntwo\n\nth', 'r', 'ee'].map((piece) => lines.add(Buffer.from(piece)).toString());
  expect(said).toEqual(['', 'a | one\na | two\na | \n', '', '']);
  expect(lines.end().toString()).toBe('a | three\n');
  expect(new PrefixedLines('a | ').end().toString()).toBe('');
});
