import { expect, test } from 'vitest';
import { statsText } from '../../controller/report/run/custom-stats.ts';

test('stats by their names, the whole run last', () => {
  expect(
    statsText({ hosts: { vm01: { b: 1, a: [1] } }, run: { z: { d: 1, c: 2 }, y: 'text' } })
      .split('\n')
      .slice(1),
  ).toEqual(['\tvm01: { "a": [  1 ], "b": 1}', '', '\tRUN: { "y": "text", "z": {  "c": 2,  "d": 1 }}', '', '']);
});
