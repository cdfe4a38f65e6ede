import { expect, test } from 'vitest';
import { isOlder, kernelVersion, Lacks } from '../../agent/linux/programs/lacks.ts';

test.each([
  ['6.1.0-50-cloud-amd64', '6.7', true],
  ['6.12.9', '6.7', false],
  ['6.7.0-rc1', '6.7', false],
  ['5.19', '6.1', true],
  // RHEL 9 has much of what came after 5.14.
  ['5.14.0-503.11.1.el9_5.x86_64', '6.7', false],
  ['unknown', '6.7', false],
])('Linux %s is before %s: %s', (release, needed, older) => {
  expect(isOlder(kernelVersion(release), needed)).toBe(older);
});

test('what a host lacks is told with what it has instead', async () => {
  const lacks = new Lacks();
  expect(await lacks.lack({ what: 'kernel', which: '99.0' })).toMatch(/^Linux \d/);
  expect(await lacks.lack({ what: 'kernel', which: '2.6' })).toBeUndefined();
  expect(await lacks.lack({ what: 'program', which: 'orch-no-such-program' })).toBe('no such program');
  expect(await lacks.lack({ what: 'program', which: 'sh' })).toBeUndefined();
});
