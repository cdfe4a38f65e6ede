import { expect, test } from 'vitest';
import { ipError, parseIpReply } from '../../agent/linux/ip/ip-reply.ts';

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

test.each([
  ['Error: Nexthop has invalid gateway.', 'set the link up and give it its address before this task'],
  ['RTNETLINK answers: No route to host', 'set the link up and give it its address before this task'],
  ['Error: Device for nexthop is not up.', 'Set the link up'],
  ['Error: Nexthop device is not up.', 'Set the link up'],
  ['Error: Nexthop id does not exist.', 'A nexthop task before this one'],
  ['Error: Invalid nexthop id.', 'A nexthop task before this one'],
  ['Error: ipv6: IPv6 is disabled on this device.', 'disable_ipv6'],
])('%s has a hint', (words, hint) => {
  expect(ipError(['route', 'add'], words)).toMatchObject({
    summary: `ip route add failed: ${words}`,
    hint: expect.stringContaining(hint),
  });
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

/** As iproute2 6.1 shows them: what is put around packets stands in the row, where it may hide what the row says itself. */
test.each([
  [
    '{"dst":"10.36.0.0/16","encap":"mpls","dst":"100/200","ttl":5,"gateway":"10.9.0.9","dev":"d0","flags":[]}',
    { dst: '10.36.0.0/16', encap: { encap_type: 'mpls', dst: '100/200', ttl: 5 }, gateway: '10.9.0.9', dev: 'd0' },
  ],
  [
    '{"dst":"10.1.0.0/16","encap":"ip","id":7,"src":"0.0.0.0","dst":"10.0.0.2","ttl":0,"tos":0,"tos":"0x10","dev":"d0","flags":[]}',
    {
      dst: '10.1.0.0/16',
      encap: { encap_type: 'ip', id: 7, src: '0.0.0.0', dst: '10.0.0.2', ttl: 0, tos: 0 },
      ...{ tos: '0x10', dev: 'd0' },
    },
  ],
  [
    '{"dst":"fd36::/64","encap":"seg6","mode":"encap","segs":["fd00::8","fd00::9"],"dev":"d0","flags":[]}',
    { dst: 'fd36::/64', encap: { encap_type: 'seg6', mode: 'encap', segs: ['fd00::8', 'fd00::9'] }, dev: 'd0' },
  ],
  [
    '{"dst":"fd37::/64","encap":"seg6local","action":"End.DT6","srh":{"segs":["fd00::8"]},"table":"7","dev":"d0","table":"100","flags":[]}',
    {
      dst: 'fd37::/64',
      encap: { encap_type: 'seg6local', action: 'End.DT6', srh: { segs: ['fd00::8'] }, table: '7' },
      ...{ dev: 'd0', table: '100' },
    },
  ],
  [
    '{"id":5,"encap":"mpls","dst":"100","dev":"d0","flags":[]}',
    { id: 5, encap: { encap_type: 'mpls', dst: '100' }, dev: 'd0' },
  ],
])('what %s puts around packets is apart from the row itself', (row, expected) => {
  const { rows } = parseIpReply(['route', 'show'], { text: `[${row}]\n`, failed: false });
  expect(rows).toEqual([{ ...expected, flags: [] }]);
});
