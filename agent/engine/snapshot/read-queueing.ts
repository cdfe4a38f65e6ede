import { formOf } from '../../modules/shared/queue/form.ts';
import { showPresent } from '../../modules/shared/queue/read.ts';
import { text } from '../../modules/shared/rows.ts';
import { keyed } from './keys.ts';
import type { Place } from './read-place.ts';
import type { Items } from './state.ts';

export async function readQdiscs({ setQdiscs }: Place): Promise<Items> {
  return keyed('qdiscs', await setQdiscs());
}

/** Classes and filters of links with disciplines that somebody set, link by link, in the words of tc. */
export async function readClassesAndFilters({ host, netns, setQdiscs }: Place): Promise<Items> {
  const devs = [...new Set((await setQdiscs()).flatMap((row) => text(row, 'dev') ?? []))];
  const found = await Promise.all(
    devs.map(async (dev) => {
      const { classes, filters, ingress, egress } = formOf(await showPresent(host, { netns, dev }));
      const all = { classes: classes.map((entry) => entry.text), filters, ingress, egress };
      return Object.values(all).some((each) => each.length > 0) ? [{ dev, ...all }] : [];
    }),
  );
  return keyed('classes and filters', found.flat());
}
