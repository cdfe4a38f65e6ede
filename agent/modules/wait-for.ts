import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { Host } from '../linux/host.ts';
import { defineRunModule, type RunContext } from './module.ts';
import { connected, connectionStates } from './shared/connections.ts';
import { checked, hostPath, inNetns } from './shared/fields.ts';
import { requireNetns } from './shared/place.ts';
import { linePattern, matchOf, type PatternMatch, portAnswers } from './shared/port-probe.ts';

const pattern = checked((text) => {
  try {
    linePattern(text);
    return undefined;
  } catch (error) {
    return `is no regular expression: ${error instanceof Error ? error.message : error}`;
  }
});

/** What is read of a file to look for the pattern. */
const searchedBytes = 64 * 1024 * 1024;

const peer = z.string().regex(/^[^\s\0-][^\s\0]*$/, 'a host is a name or an address');

const fields = z.strictObject({
  host: peer.default('127.0.0.1').describe('Name or address to connect to.'),
  port: z.int().min(1).max(65535).optional().describe('TCP port to wait for.'),
  path: hostPath.optional().describe('File to wait for.'),
  state: z
    .enum(['absent', 'drained', 'present', 'started', 'stopped'])
    .default('started')
    .describe(
      'started, present: the port is open or the file is there; stopped, absent: it is not; drained: nobody is connected to the port.',
    ),
  exclude_hosts: z
    .union([peer, z.array(peer)])
    .default([])
    .describe('drained: connections from these addresses do not count.'),
  active_connection_states: z
    .array(z.enum(connectionStates))
    .default([...connectionStates])
    .describe('drained: states of connections that count.'),
  search_regex: pattern.optional().describe('Text to find in the file, or in what the port says.'),
  timeout: z.int().min(0).max(86400).default(300).describe('Seconds to wait before the task fails.'),
  delay: z.int().min(0).max(86400).default(0).describe('Seconds to wait before the first look.'),
  sleep: z.int().min(1).max(3600).default(1).describe('Seconds between two looks.'),
  connect_timeout: z.int().min(1).max(300).default(5).describe('Seconds that one connection may take.'),
  msg: z.string().optional().describe('Message for the failure.'),
  netns: inNetns,
});
type Params = z.infer<typeof fields>;

const noGroups: PatternMatch = { groups: [], named: {} };

/** What the pattern found where it is there, undefined where it is not. */
async function found(params: Params, host: Host, signal: AbortSignal): Promise<PatternMatch | undefined> {
  const { netns, search_regex } = params;
  if (params.port !== undefined && params.state === 'drained') {
    const { port, exclude_hosts, active_connection_states: states } = params;
    const excluded = typeof exclude_hosts === 'string' ? exclude_hosts.split(',') : exclude_hosts;
    return (await connected(host, { host: params.host, port, excluded, states, netns })) ? noGroups : undefined;
  }
  if (params.port !== undefined) {
    // What is to be gone is the port, whatever it says.
    const pattern = params.state === 'started' || params.state === 'present' ? search_regex : undefined;
    const probe = { host: params.host, port: params.port, seconds: params.connect_timeout, pattern, netns };
    return portAnswers(host, probe, signal);
  }
  const path = params.path ?? '/';
  // What is to be gone is the file, whatever it says.
  if (search_regex === undefined || params.state === 'absent')
    return (await host.stat(path)) === undefined ? undefined : noGroups;
  const content = await host.readFile(path, searchedBytes);
  return content && matchOf(search_regex, content.toString('utf8'));
}

/** Looks until it is as wanted, and says what the pattern found; undefined when the time is over. */
async function waitUntil(params: Params, host: Host, context: RunContext): Promise<PatternMatch | undefined> {
  const wanted = params.state === 'started' || params.state === 'present';
  const deadline = performance.now() + params.timeout * 1000;
  await sleep(params.delay * 1000, undefined, { signal: context.signal });
  if (params.port === undefined && params.path === undefined) {
    await sleep(params.timeout * 1000, undefined, { signal: context.signal });
    return noGroups;
  }
  for (;;) {
    const match = await found(params, host, context.signal);
    if ((match !== undefined) === wanted) return match ?? noGroups;
    const left = deadline - performance.now();
    if (left <= 0) return undefined;
    await sleep(Math.min(params.sleep * 1000, left), undefined, { signal: context.signal });
  }
}

/** What did not come about in time. */
function awaited({ host, port, path, state, search_regex }: Params): string {
  const place = port === undefined ? path : `${host}:${port}`;
  if (state === 'drained') return `${place} to drain`;
  if (state === 'absent' || state === 'stopped') return `${place} to ${port === undefined ? 'be absent' : 'stop'}.`;
  if (search_regex !== undefined) return `search string ${search_regex} in ${place}`;
  return port === undefined ? `file ${path}` : `${place}`;
}

export const module = defineRunModule({
  name: 'wait_for',
  asUser: true,
  form: 'run',
  checkMode: 'skip',
  tellsFile: true,
  summary: 'Waits until a TCP port is open, a file is there, or the contrary.',
  notes: 'With neither port nor path it waits for `timeout` seconds. Patterns are those of Python.',
  examples: [
    'wait_for:\n  port: 8080\n  netns: ns01\n  timeout: 30',
    'wait_for:\n  path: /var/log/app.log\n  search_regex: ready',
    'wait_for:\n  host: 172.16.91.14\n  port: 22\n  state: stopped',
  ],
  params: fields.superRefine((params, context) => {
    const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    const { port, path, state, exclude_hosts } = params;
    if (exclude_hosts.length > 0 && state !== 'drained')
      issue('exclude_hosts', 'exclude_hosts should only be with state=drained');
    if (port !== undefined && path !== undefined) issue('path', 'say port or path, not both');
    if (state === 'drained' && port === undefined)
      issue('state', 'state=drained should only be used for checking a port in the wait_for module');
    if (state === 'stopped' && path !== undefined)
      issue('state', 'state=stopped should only be used for checking a port in the wait_for module');
  }),
  async run(params, host, context) {
    await requireNetns(host, params.netns);
    const began = performance.now();
    const reached = await waitUntil(params, host, context);
    const { port = null, path = null, state, search_regex = null } = params;
    const elapsed = Math.floor((performance.now() - began) / 1000);
    if (reached) {
      const match = { match_groups: reached.groups, match_groupdict: reached.named };
      return { changed: false, result: { elapsed, port, path, state, search_regex, ...match } };
    }
    return {
      changed: false,
      failed: true,
      message: params.msg ?? `Timeout when waiting for ${awaited(params)}`,
      result: { elapsed },
    };
  },
});
