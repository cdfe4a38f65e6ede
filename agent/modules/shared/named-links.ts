import type { Host, ScratchLink } from '../../linux/host.ts';
import { number, type Row, text } from './rows.ts';

/** What is asked of a host about links. */
type Asked = Pick<Host, 'ip' | 'promised'>;

function scratchLink(row: Row): ScratchLink {
  return { name: text(row, 'ifname') ?? '', mtu: number(row, 'mtu'), queueLength: number(row, 'txqlen') };
}

/**
 * The links of a namespace that occur as words of a text, for a scratch namespace in which the text must be understood;
 * with those that check mode has promised. lo is in every namespace.
 */
export async function namedLinks(host: Asked, netns: string | undefined, source: string): Promise<ScratchLink[]> {
  const words = new Set(source.split(/[^\w.@+-]+/));
  const present = (await host.ip(['link', 'show'], netns)).rows
    .filter((row) => words.has(text(row, 'ifname') ?? ''))
    .map(scratchLink);
  const promised = [...words].filter(
    (name) =>
      name !== '' && host.promised({ kind: 'link', netns, name }) && present.every((link) => link.name !== name),
  );
  return [...present, ...promised.map((name) => ({ name }))].filter((link) => link.name !== 'lo');
}
