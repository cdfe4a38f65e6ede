import type { Argv } from 'yargs';
import { OrchError } from '../../proto/errors.ts';
import { agentStatus } from '../connect/calls/rpc.ts';
import type { AgentConnection, Target } from '../connect/types.ts';
import { safeJson } from '../report/clean.ts';
import { type HostStatus, statusText } from '../report/status-text.ts';
import { createStyle } from '../report/style.ts';
import { outputOption, targetOptions } from './given-options.ts';
import { inventoryTargets } from './inventory-targets.ts';
import { labOfPlaybook } from './lab-choice.ts';
import { ownTerminal } from './own-terminal.ts';
import { type Asking, presentAgent, startAsking } from './present-agent.ts';
import type { Args } from './read-options.ts';

export function options(yargs: Argv): Argv {
  return targetOptions(yargs)
    .positional('playbook', { type: 'string', describe: 'only the lab of this playbook, on its hosts' })
    .option('output', outputOption)
    .option('verbose', { alias: 'v', type: 'count', describe: 'List everything that a lab owns' });
}

async function askAgent(connection: AgentConnection, lab: string, timeoutMs: number): Promise<HostStatus> {
  try {
    const status = await agentStatus(connection, lab, timeoutMs);
    const { hello, transport, host } = connection;
    const { version, mode, uptimeMs, kernel, node } = status.agent ?? hello;
    return {
      host,
      state: 'serving',
      agent: {
        ...{ version, mode, transport, kernel, node },
        uptimeMs: Number(uptimeMs),
        rssBytes: Number(status.rssBytes),
      },
      labs: status.labs.map(({ name, objects, lastRun, lastExit, heldBy, checkpoint, settled, restored }) => ({
        ...{ lab: name, objects, lastRun, lastExit, heldBy },
        ...(checkpoint === undefined ? {} : { waiting: checkpoint }),
        ...(settled === undefined ? {} : { settled }),
        ...(restored === undefined ? {} : { restored }),
      })),
      daemons: status.daemons.map(({ name, netns, ...daemon }) => ({
        ...daemon,
        name: netns === '' ? name : `${netns}/${name}`,
        uptimeMs: Number(daemon.uptimeMs),
      })),
    };
  } finally {
    await connection.close();
  }
}

async function hostStatus(asking: Asking, target: Target, lab: string): Promise<HostStatus> {
  try {
    const agent = await presentAgent(asking, target);
    if (typeof agent === 'string') return { host: target.name, state: agent, labs: [], daemons: [] };
    return await askAgent(agent, lab, target.timeoutMs);
  } catch (error) {
    if (!(error instanceof OrchError)) throw error;
    const { code, summary, detail, hint } = error;
    const more = { ...(detail === undefined ? {} : { detail }), ...(hint === undefined ? {} : { hint }) };
    return { host: target.name, state: 'unreachable', labs: [], daemons: [], failure: { code, summary, ...more } };
  }
}

/** Asks all hosts side by side; 2 when one could not be reached. */
export async function execute(args: Args): Promise<number> {
  const { playbook } = args;
  // An empty name asks for all labs.
  const { lab, hosts } = typeof playbook === 'string' ? labOfPlaybook(playbook) : { lab: '', hosts: undefined };
  const targets = inventoryTargets({ ...args, limit: args.limit ?? hosts });
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  const asking = startAsking(interrupt.signal);
  const all = await Promise.all(targets.map((target) => hostStatus(asking, target, lab)));
  if (interrupt.signal.aborted) return 130;
  const terminal = ownTerminal();
  const json = args.output === 'json';
  terminal.write(
    json ? `${safeJson(all, 2)}\n` : statusText(all, Number(args.verbose) > 0, createStyle(terminal.color)),
  );
  return all.some(({ state }) => state === 'unreachable') ? 2 : 0;
}
