import { expect, it } from 'vitest';
import { Promises } from '../../agent/engine/check/promises.ts';

it('knows what was promised, and the lo of each namespace that was', () => {
  const promises = new Promises();
  promises.add([
    { kind: 'netns', name: 'ns01' },
    { kind: 'link', netns: 'ns02', name: 'eth0' },
  ]);
  const asked = ['ns01', 'ns02', undefined].flatMap((netns) =>
    ['lo', 'eth0'].map((name) => [netns, name, promises.has({ kind: 'link', netns, name })]),
  );
  expect(asked.filter(([, , known]) => known)).toEqual([
    ['ns01', 'lo', true],
    ['ns02', 'eth0', true],
  ]);
});
