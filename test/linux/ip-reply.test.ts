import { expect, test } from 'vitest';
import { ipError, parseIpReply } from '../../agent/linux/ip-reply.ts';

const args = ['link', 'show'];

test('rows of an answer, without the empty ones', () => {
  const text = '[{},{"ifname":"lo"},{}]\n';
  expect(parseIpReply(args, { text, failed: false })).toEqual({ rows: [{ ifname: 'lo' }], missing: false });
});

test.each([
  ['Device "x" does not exist.\nCommand failed -:3\n', true],
  ['Cannot find device "x"\nCommand failed -:1\n', true],
  ['Error: ipv4: FIB table does not exist.\nDump terminated\n[]\nCommand failed -:1\n', true],
  ['Cannot open network namespace "x": No such file or directory\n', true],
  ['setting the network namespace "x" failed: Invalid argument\n', true],
  ['Error: argument "br9" is wrong: Device does not exist\n\nCommand failed -:1\n', true],
  ['RTNETLINK answers: No such device\nCannot send link request: No such device\n[]\n', false],
])('what is missing: %j', (text, failed) => {
  expect(parseIpReply(args, { text, failed })).toEqual({ rows: [], missing: true });
});

test('any other failure is thrown with the words of ip', () => {
  const text = 'Error: argument "foo" is wrong: table id value is invalid\n\nCommand failed -:1\n';
  const summary = 'ip link show failed: Error: argument "foo" is wrong: table id value is invalid';
  expect(() => parseIpReply(args, { text, failed: true })).toThrow(summary);
});

test('a kind of link that the kernel lacks is said so', () => {
  const add = ['link', 'add', 'name', 'x', 'type', 'ipvlan', 'mode', 'l2'];
  const error = ipError(add, 'Error: Unknown device type.\nCommand failed -:1\n');
  expect(error).toMatchObject({
    code: 'unsupported-by-host',
    summary: 'The kernel of this host has no links of type ipvlan.',
    hint: expect.stringContaining('modprobe ipvlan'),
  });
});
