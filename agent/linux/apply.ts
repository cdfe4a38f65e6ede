import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { OrchError } from '../../proto/errors.ts';
import { type Action, ownNetns, type ToolAction } from './action.ts';
import { applyFileAction } from './files/file-actions.ts';
import { type CoprocessPool, netnsExists } from './ip/coprocess-pool.ts';
import { ipError, saysMissing } from './ip/ip-reply.ts';
import { netnsPath, sysctlPath } from './ip/names.ts';

/** Objects of ip(8) whose commands leave the names of links alone. */
const linkKeepers = new Set(['address', 'addr', 'route', 'rule', 'nexthop', 'neighbour', 'neighbor', 'neigh', 'netns']);

/**
 * True when a name may stand for another link afterwards, or for none: ip remembers the index of every name it saw
 * (lib/ll_map.c). It does not remember that there was none, so a new link does no harm.
 */
function movesNames(args: readonly string[]): boolean {
  const [object = '', verb = '', ...rest] = args[0]?.startsWith('-') ? args.slice(1) : args;
  if (linkKeepers.has(object)) return false;
  if (object !== 'link') return true;
  if (verb === 'add') return false;
  return verb !== 'set' || rest.includes('name') || rest.includes('netns');
}

/** What the kernel says when an address, route, rule or neighbour to be removed is not there. */
const goneTexts =
  /^(RTNETLINK answers|Error: \w+): (No such process|No such file or directory|Cannot assign requested address)|^Error: \w+: [Aa]ddress not found/m;

/** What the kernel says when an address, route or link to be added is there. */
const existsTexts = /File exists|[Aa]ddress already assigned/;

/** A namespace that was removed has its id until the kernel is done with it (cleanup_net() in net/core/net_namespace.c). */
const lateTexts = /nsid is already used/;
const longestWaitMs = 10_000;
const lookMs = 20;

type KernelAction = Exclude<Action, ToolAction | { op: 'exec' | 'daemon' | 'daemon-remove' }>;

/** Carries out one change through the kernel's doors. Errors as ActingHost.apply. */
export async function applyAction(pool: CoprocessPool, action: KernelAction): Promise<void> {
  switch (action.op) {
    case 'ip':
      return applyIp(pool, action);
    case 'sysctl':
      return writeSysctl(pool, action.key, action.value, action.netns);
    case 'netns-add':
      netnsPath(action.name);
      return applyIp(pool, { op: 'ip', args: ['netns', 'add', action.name] });
    case 'netns-delete':
      requireNetns(action.name);
      await pool.leave(action.name);
      await applyIp(pool, { op: 'ip', args: ['netns', 'delete', action.name] });
      // Links that had their other end there went with it.
      return pool.forgetLinks();
    case 'file':
      return applyFileAction(action.file);
  }
}

async function applyIp(pool: CoprocessPool, { args, netns, ifMissing }: Extract<Action, { op: 'ip' }>): Promise<void> {
  if (netns !== undefined) requireNetns(netns);
  const own = `/proc/${process.pid}/ns/net`;
  const words = args.map((word) => (word === ownNetns ? own : word));
  let output = await pool.ip(words, netns);
  for (let wait = 0; lateTexts.test(output.text) && wait < longestWaitMs; wait += lookMs) {
    await sleep(lookMs);
    output = await pool.ip(words, netns);
  }
  if (movesNames(args)) pool.forgetLinks();
  if (ifMissing && existsTexts.test(output.text)) return;
  if (output.failed) throw refusal(args, output.text);
}

function refusal(args: readonly string[], text: string): OrchError {
  const error = ipError(args, text);
  if (!saysMissing(text) && !goneTexts.test(text)) return error;
  return new OrchError({ code: 'missing-object', summary: error.summary, detail: error.detail });
}

async function writeSysctl(pool: CoprocessPool, key: string, value: string, netns: string | undefined): Promise<void> {
  const path = `/proc/sys/${sysctlPath(key)}`;
  // The kernel ignores a write of nothing; an empty line empties a list (net.ipv4.ip_local_reserved_ports).
  const text = value === '' ? '\n' : value;
  let there: boolean;
  try {
    if (netns === undefined) {
      there = existsSync(path);
      if (there) writeFileSync(path, text, { flag: 'r+' });
    } else {
      requireNetns(netns);
      there = await pool.door(netns).write(path, text);
    }
  } catch (cause) {
    if (cause instanceof OrchError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const summary = `The kernel refuses ${JSON.stringify(value)} for ${key}: ${reason}.`;
    throw new OrchError({ code: 'command-failed', summary, cause });
  }
  if (!there) throw new OrchError({ code: 'missing-object', summary: `The host has no sysctl ${key}.` });
}

function requireNetns(name: string): void {
  if (netnsExists(name)) return;
  throw new OrchError({ code: 'missing-object', summary: `There is no network namespace ${name}.` });
}
