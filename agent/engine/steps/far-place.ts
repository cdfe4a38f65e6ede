import type { Host } from '../../linux/host.ts';
import { number, type Row, text } from '../../modules/shared/rows.ts';

/** A namespace; the host's own has no name. */
export interface Place {
  readonly netns: string | undefined;
}

/** The namespace of a link's other end, parent or outer packets, where that is another one. */
export async function farPlace(
  row: Row,
  netns: string | undefined,
  host: Pick<Host, 'ip'>,
): Promise<Place | undefined> {
  const far = number(row, 'link_netnsid');
  if (far === undefined) return undefined;
  // The row has this namespace's number for it.
  const ids = (await host.ip(['netns', 'list-id'], netns)).rows;
  const id = ids.find((each) => number(each, 'nsid') === far);
  return id && { netns: text(id, 'name') };
}
