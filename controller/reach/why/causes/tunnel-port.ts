import { defineCause } from './cause.ts';
import { findObstacles } from './shared/obstacle-finding.ts';
import { type Shared, tellShared } from './shared/tunnel-told.ts';

const port: Shared = { what: 'port', name: 'UDP port', read: ({ tunnel }) => tunnel?.port, parameter: 'port' };

export const cause = defineCause({
  name: 'tunnel-port',
  summary: 'The two ends of a VXLAN or Geneve tunnel use different UDP ports.',
  find: (evidence) => findObstacles(evidence, 'tunnel', tellShared(evidence, port)),
});
