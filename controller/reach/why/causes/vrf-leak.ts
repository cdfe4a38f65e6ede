import { defineCause } from './cause.ts';
import { vrfLeaks } from './shared/vrf-leaks.ts';

export const cause = defineCause({
  name: 'vrf-leak',
  summary: 'The way on is in the table of another VRF than the one that the packet came by, or in none.',
  find: vrfLeaks,
});
