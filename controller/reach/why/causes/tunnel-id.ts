import { defineCause } from './cause.ts';
import { findObstacles } from './shared/obstacle-finding.ts';
import { type Shared, tellShared } from './shared/tunnel-told.ts';

const vni: Shared = { what: 'id', name: 'VNI', read: ({ id }) => id, parameter: 'id' };

export const cause = defineCause({
  name: 'tunnel-id',
  summary: 'The two ends of a VXLAN or Geneve tunnel have different network numbers (VNI).',
  find: (evidence) => findObstacles(evidence, 'tunnel', tellShared(evidence, vni)),
});
