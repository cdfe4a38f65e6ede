import type { ActingHost } from '../../linux/acting-host.ts';
import type { Action } from '../../linux/action.ts';
import { remakeLink } from '../../modules/shared/link/remake.ts';
import { stateOf } from '../../modules/shared/link/seen.ts';
import { isUp } from '../../modules/shared/link/state.ts';
import { type Row, text } from '../../modules/shared/rows.ts';
import { after } from './touched.ts';
import type { LinkName } from './vanish.ts';

/**
 * Whether a link is the one that the first of the actions makes, and those after it set up: an agent that was killed had made it.
 * Somebody's has another MAC address; where none is said at once, it is told by its kind and what else it is made with.
 */
export async function isMadeAgain(
  [making, ...later]: readonly Action[],
  { netns, name }: LinkName,
  row: Row,
  host: ActingHost,
): Promise<boolean> {
  if (making?.op !== 'ip') return false;
  const macOf = (action: Action) => (action.op === 'ip' ? after(action.args, 'address') : undefined);
  const said = macOf(making);
  const set = later.find(
    (action) => action.op === 'ip' && action.netns === netns && action.args[3] === name && macOf(action),
  );
  const mac = said ?? (set && macOf(set));
  if (mac !== undefined && mac === text(row, 'address')) return true;
  // Before it is given the address that it had, it is not set up; one that is to stay down never is.
  const isSetUp = later.some((action) => action.op === 'ip' && action.args[3] === name && action.args.includes('up'));
  if (said !== undefined || (isUp(row) && (mac !== undefined || !isSetUp))) return false;
  const params = { name, netns, state: 'present' } as const;
  const link = await stateOf(params, host, row, undefined);
  const [again] = remakeLink(params, { ...link, values: { ...link.values, address: undefined } });
  return again?.op === 'ip' && again.args.join(' ') === making.args.join(' ');
}
