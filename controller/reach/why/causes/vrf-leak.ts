import { vrfLeaks } from '../vrf-leaks.ts';
import { defineCause } from './cause.ts';

export const cause = defineCause({
  name: 'vrf-leak',
  summary: 'The way on is in the table of another VRF than the one that the packet came by, or in none.',
  find: vrfLeaks,
});
