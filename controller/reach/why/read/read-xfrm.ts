import type { Place } from '../seen/evidence.ts';

type Policy = Place['xfrmPolicies'][number];

/**
 * Policies of `ip xfrm policy list`: a line with the selector, then lines that begin with a tab. Those of sockets, and lines of
 * another form, are passed over.
 */
export function readXfrm(text: string): readonly Policy[] {
  return text.split(/\n(?=src )/).flatMap((block): readonly Policy[] => {
    const [, source = '', destination = ''] = /^src (\S+) dst (\S+)/.exec(block) ?? [];
    const [, direction] = /^\s+dir (in|out|fwd)\b/m.exec(block) ?? [];
    const [, action = 'allow'] = /^\s+dir .*\baction (\w+)/m.exec(block) ?? [];
    const demands = [...block.matchAll(/^\s+proto (\w+) /gm)].map(([, protocol = '']) => protocol);
    // What it asks beyond the addresses is not known of a packet.
    if (/^src \S+ dst \S+ +\S/.test(block) || /^\s+(mark|if_id) /m.test(block)) return [];
    if (source === '' || (direction !== 'in' && direction !== 'out' && direction !== 'fwd')) return [];
    return [{ source, destination, direction, action, demands }];
  });
}
