import type { Place } from '../seen/evidence.ts';

type Policy = Place['xfrmPolicies'][number];

/**
 * Policies of `ip xfrm policy list`, in the order in which the kernel takes them: a line with the selector, then lines that begin
 * with a tab. Those of sockets, and lines of another form, are passed over.
 */
export function readXfrm(text: string): readonly Policy[] {
  const found = text.split(/\n(?=src )/).flatMap((block) => {
    const [, source = '', destination = '', rest = ''] = /^src (\S+) dst (\S+)(.*)/.exec(block) ?? [];
    const [, direction] = /^\t+dir (in|out|fwd)\b/m.exec(block) ?? [];
    const [, action = 'allow'] = /^\t+dir .*\baction (\w+)/m.exec(block) ?? [];
    const [, priority = '0'] = /^\t+dir .*\bpriority (\d+)/m.exec(block) ?? [];
    // What has not got the protection passes, too.
    const templates = block.split(/^\t+tmpl /m).filter((template) => !/^\t+level use\b/m.test(template));
    const demands = templates.flatMap((template) => /^\t+proto (\w+) /m.exec(template)?.[1] ?? []);
    // Packets have neither, but for those of some devices.
    if (/^\t+(mark|if_id) /m.test(block)) return [];
    if (source === '' || (direction !== 'in' && direction !== 'out' && direction !== 'fwd')) return [];
    const only = rest.trim();
    const policy: Policy = { source, destination, direction, action, demands, ...(only === '' ? {} : { only }) };
    return [{ policy, priority: Number(priority) }];
  });
  // Of the same priority, the kernel takes the oldest, and lists the newest first.
  return found
    .reverse()
    .sort((one, other) => one.priority - other.priority)
    .map(({ policy }) => policy);
}
