import type { Host } from '../../../linux/host.ts';
import { readRows } from '../place.ts';
import type { Row } from '../rows.ts';
import { withGenMode } from './gen-mode.ts';
import { knownKind } from './kind.ts';
import { lowerOf } from './lower.ts';
import { kindOf, linkState } from './state.ts';
import type { LinkParams, LinkState } from './types.ts';
import { underlayOf } from './underlay.ts';

/** The row of a link; undefined when it is not there. */
export async function readRow(
  { name, netns }: Pick<LinkParams, 'name' | 'netns'>,
  host: Host,
): Promise<Row | undefined> {
  return (await readRows(host, netns, ['link', 'show', 'dev', name]))[0];
}

/** What a row says of a link, with all that takes further queries; those that only a removal needs are left out else. */
export async function stateOf(
  params: LinkParams,
  host: Pick<Host, 'ip' | 'sysctl'>,
  row: Row,
  lowerRow: Row | undefined,
): Promise<LinkState> {
  const lower = await lowerOf(host, row, params, lowerRow);
  const kind = knownKind(kindOf(row));
  const underlay = kind?.underlay === 'shown' ? await underlayOf(host, row, params.netns) : undefined;
  const asked =
    params.addrgenmode !== undefined || params.exact === true || (params.state === 'absent' && kind !== undefined);
  return linkState(asked ? await withGenMode(host, row, params.netns) : row, { lower, underlay });
}
