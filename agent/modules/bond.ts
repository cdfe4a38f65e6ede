import { bondAttributes, bondProblems } from './shared/link/bond.ts';
import { defineLinkKind } from './shared/link/define.ts';
import { portsExtra } from './shared/link/ports.ts';

export const module = defineLinkKind({
  name: 'bond',
  summary: 'Makes or removes a bond: several links that work as one.',
  notes:
    'A link becomes a slave by its `master`; it is set down for that, and up again. `primary` and `active_slave` name ' +
    'slaves: ask for them in a task after those that make them slaves. Times are in milliseconds.',
  examples: [
    'bond:\n  name: bond0\n  mode: active-backup\n  miimon: 100\n  state: up',
    'bond:\n  name: bond0\n  mode: 802.3ad\n  lacp_rate: fast\n  xmit_hash_policy: layer3+4\n  netns: ns01',
    'bond:\n  name: bond0\n  primary: eth0\n  primary_reselect: better',
  ],
  needs: 'the kernel module bonding (CONFIG_BONDING)',
  attributes: bondAttributes,
  check: bondProblems,
  extra: portsExtra,
});
