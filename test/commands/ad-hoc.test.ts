import { expect, test } from 'vitest';
import { adHocInput } from '../../controller/commands/ad-hoc.ts';

const chosen = (pattern: string, limit?: string) => {
  const command = { inventories: ['web1,web2,'], extraVars: [], limit };
  const adHoc = { pattern, module: 'ping', args: '', keywords: {} };
  return adHocInput(command, import.meta.dirname, adHoc).plays.flatMap(({ hosts }) => hosts);
};

test('names that no inventory has are passed over', () => {
  expect(chosen('web1,web3')).toEqual(['web1']);
  expect(chosen('wbe1')).toEqual([]);
  expect(chosen('all', 'web2,web3')).toEqual(['web2']);
  expect(() => chosen('~web[')).toThrow('is no regular expression');
});
