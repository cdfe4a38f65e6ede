import type { ActingHost } from '../../linux/acting-host.ts';
import { formOf } from '../../modules/shared/queue/form.ts';
import { showPresent } from '../../modules/shared/queue/read.ts';
import { type Row, rows, text } from '../../modules/shared/rows.ts';
import { keyed } from './keys.ts';
import type { Items } from './state.ts';

type Netns = string | undefined;

/** Queueing disciplines that somebody set. */
export async function readQdiscs(host: ActingHost, netns: Netns): Promise<Items> {
  return keyed('qdiscs', await setQdiscs(host, netns));
}

/** Classes and filters of links with such disciplines, link by link, in the words of tc. */
export async function readClassesAndFilters(host: ActingHost, netns: Netns): Promise<Items> {
  const devs = [...new Set((await setQdiscs(host, netns)).flatMap((row) => text(row, 'dev') ?? []))];
  const found = await Promise.all(
    devs.map(async (dev) => {
      const { classes, filters, ingress, egress } = formOf(await showPresent(host, { netns, dev }));
      const all = { classes: classes.map((entry) => entry.text), filters, ingress, egress };
      return Object.values(all).some((each) => each.length > 0) ? [{ dev, ...all }] : [];
    }),
  );
  return keyed('classes and filters', found.flat());
}

async function setQdiscs(host: ActingHost, netns: Netns): Promise<readonly Row[]> {
  const reply = await host.exec({ argv: ['tc', '-j', 'qdisc', 'show'], netns }, { timeoutMs: 15_000, onlyReads: true });
  // Handle 0: is of those that the kernel gives a link by itself.
  return rows({ all: JSON.parse(reply.stdout.trim() || '[]') }, 'all').filter((row) => row.handle !== '0:');
}
