import type { WalkOrder } from '../../actions/action.ts';
import type { Position } from '../position.ts';
import { RoleEnds, Stop } from '../signals.ts';
import type { HostWalk } from '../state.ts';

/** Orders that change something for other hosts, which see it once they go on. */
export const isForOthers = (order: WalkOrder | undefined): boolean =>
  order === 'clear_facts' || order === 'clear_host_errors' || order === 'refresh_inventory';

/** Does what meta asked of this host's walk, which has come to `position`. Throws Stop when the walk ends by it. */
export async function obey(walk: HostWalk, position: Position, flush: () => Promise<void>): Promise<void> {
  const { order, play } = walk;
  walk.order = undefined;
  switch (order) {
    case 'flush_handlers':
      return flush();
    case 'clear_host_errors':
      for (const host of play.hosts) play.run.host(host).forgive();
      play.run.retry(play.hosts);
      play.run.emit({ type: 'errors-cleared', hosts: play.hosts });
      play.pardons.grant(position);
      return;
    case 'clear_facts':
      return forgetFacts(walk);
    case 'refresh_inventory':
      return play.run.inventory.refresh();
    case 'end_role':
      throw new RoleEnds();
    case 'end_host':
      play.left.add(walk.host);
      throw new Stop('end-host');
    case 'end_play':
    case 'end_batch':
      play.ending = order === 'end_play' ? 'end-play' : 'end-batch';
      throw new Stop(play.ending);
    default:
  }
}

/** As in Ansible those of all hosts of the play. */
function forgetFacts(walk: HostWalk): void {
  for (const host of walk.play.hosts) walk.play.run.host(host).forgetFacts();
}
