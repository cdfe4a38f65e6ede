import { OrchError } from '../../../proto/errors.ts';
import type { Look, Looked, NetnsView, Reading } from '../../../proto/gen/orch/v1/agent.ts';
import type { IpReply } from '../../linux/host.ts';
import type { Observing } from '../../linux/ip/queries.ts';
import { readingNames, readings } from './readings.ts';

/** Longest text of one reading, in characters; all of them must fit in one message. */
const longest = 4 * 1024 * 1024;

/** Reads the present state of namespaces, side by side. What can't be read says why, and fails nothing else. */
export async function look(host: Observing, { namespaces, readings: names }: Look): Promise<Looked> {
  const unknown = names.find((name) => !readingNames.has(name));
  if (unknown !== undefined) {
    throw new OrchError({ code: 'invalid-parameter', summary: `There is no reading ${JSON.stringify(unknown)}.` });
  }
  const places = namespaces.length > 0 ? namespaces : ['', ...(await host.netnsNames())];
  return { views: await Promise.all(places.map((netns) => viewOf(host, netns, names))) };
}

async function viewOf(host: Observing, netns: string, names: readonly string[]): Promise<NetnsView> {
  const place = netns || undefined;
  const inode = host.netnsInode(place);
  if (inode === undefined) return { netns, inode: 0, readings: [] };
  let shown: Promise<IpReply> | undefined;
  const links = async () => {
    shown ??= host.ip(['link', 'show'], place);
    return (await shown).rows;
  };
  const asked = readings.filter(({ name }) => names.includes(name));
  const read = asked.map(async ({ name, read }): Promise<Reading> => {
    try {
      const text = await read({ host, netns: place, links });
      if (text.length > longest) return { name, text: '', unread: `more than ${longest} characters` };
      return { name, text, unread: '' };
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
      return { name, text: '', unread: error.summary };
    }
  });
  const told = await Promise.all(read);
  // A host that cannot even say that can say nothing.
  await shown;
  return { netns, inode, readings: told };
}
