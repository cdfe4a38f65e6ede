import { expect, it } from 'vitest';
import { destroyedText } from '../../controller/report/destroy-text.ts';
import { createStyle } from '../../controller/report/style.ts';

const style = createStyle(false);

it('says of each object what was done, and why it was left', () => {
  const objects = [
    { object: 'netns ns01', what: 'ip netns delete ns01', outcome: 'undone', reason: '' },
    { object: 'link ipvlan0', what: 'ip link delete ipvlan0', outcome: 'left', reason: 'it is gone' },
    { object: 'route default', what: 'ip route delete default', outcome: 'failed', reason: 'busy\u001b[2J' },
  ] as const;
  expect(destroyedText({ host: 'vm02', objects }, false, style)).toBe(
    [
      'vm02: undone 1, left 1, failed 1',
      '  undone      netns ns01     ip netns delete ns01',
      '  left        link ipvlan0   it is gone',
      '  failed      route default  busy',
      '',
    ].join('\n'),
  );
});

it('says that there is nothing, or why the host could not be reached', () => {
  expect(destroyedText({ host: 'vm01', objects: [] }, true, style)).toBe('vm01: nothing to undo\n');
  const failure = { code: 'host-unreachable', summary: 'No connection.', hint: 'Is it up?' };
  expect(destroyedText({ host: 'vm01', objects: [], failure }, false, style)).toBe(
    'vm01: undone 0, left 0, failed 0\n  No connection. [host-unreachable]\n    hint: Is it up?\n',
  );
});

it('proves nothing of what was not compared', () => {
  const proof = { proved: true, compared: { links: 2, routes: 1 }, differences: [], missing: undefined };
  const told = (unread: readonly string[]) =>
    destroyedText({ host: 'vm01', objects: [], proof: { ...proof, unread } }, false, style).split('\n');
  expect(told([])).toContain('  proved: vm01 is as it was found (2 links, 1 route compared)');
  expect(told(['qdiscs: tc is not there'])).toEqual([
    'vm01: nothing to undo',
    '  not compared: qdiscs: tc is not there',
    '  proved, but for what was not compared (1): vm01 is as it was found (2 links, 1 route compared)',
    '',
  ]);
});
