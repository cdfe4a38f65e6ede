import { expect, test } from 'vitest';
import { keptWords } from '../../agent/linux/ip/kept-words.ts';

test.each([
  ['route add 10.1.0.0/24 dev d1 protocol static scope link', 'route add 10.1.0.0/24 dev d1 protocol 4 scope 253'],
  ['route show exact fd00::/64 dev d1 proto kernel', 'route show exact fd00::/64 dev d1 proto 2'],
  ['route add 10.1.0.0/24 dev d1 proto 77 scope 50 tos 0x10 realm 3/4'],
  ['link add name d1.5 link d1 type vlan protocol 802.1ad id 5'],
  ['address show'],
])('%s', (said, kept = said) => {
  expect(keptWords(said.split(' '))?.join(' ')).toBe(kept);
});

test.each([
  'route add 10.1.0.0/24 dev d1 proto ours',
  'rule add dsfield CS1 lookup main',
  'link add name n1 type netkit peer name n2',
])('an ip of its own takes %s', (said) => {
  expect(keptWords(said.split(' '))).toBeUndefined();
});
