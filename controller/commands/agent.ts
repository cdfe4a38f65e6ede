import type { Argv } from 'yargs';
import { OrchError } from '../../proto/errors.ts';
import { agentStatus } from '../connect/calls/rpc.ts';
import { connect } from '../connect/connect.ts';
import { type AgentManager, createManager, type HostLook } from '../connect/manage.ts';
import type { Target } from '../connect/types.ts';
import { cleanLine } from '../report/clean.ts';
import { errorText } from '../report/error-text.ts';
import { targetOptions } from './given-options.ts';
import { inventoryTargets } from './inventory-targets.ts';
import type { Args } from './read-options.ts';

export function options(yargs: Argv): Argv {
  return targetOptions(yargs)
    .positional('action', { choices: ['install', 'remove', 'status'] as const, demandOption: true })
    .option('force', { type: 'boolean', describe: 'remove: even where a lab still owns things (its ledger is lost)' })
    .epilogue(
      [
        "Hosts' agents: make them systemd services, take every trace of them away, or see where they are.",
        'Runs need none of this: an agent is brought along when it is wanted, and leaves when it is idle.',
      ].join('\n'),
    );
}

/** Does the action on all hosts side by side, one line a host; 2 when it failed on one. */
export async function execute(args: Args): Promise<number> {
  const targets = inventoryTargets(args);
  const manager = createManager();
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  const width = Math.max(...targets.map(({ name }) => name.length), 0);
  let failed = false;
  const work = targets.map(async (target) => {
    try {
      const line = await act(String(args.action), manager, target, args.force === true, interrupt.signal);
      process.stdout.write(`${target.name.padEnd(width)}  ${cleanLine(line)}\n`);
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
      failed = true;
      process.stderr.write(`${errorText(error)}\n`);
    }
  });
  await Promise.all(work);
  if (interrupt.signal.aborted) return 130;
  return failed ? 2 : 0;
}

async function act(
  action: string,
  manager: AgentManager,
  target: Target,
  force: boolean,
  signal: AbortSignal,
): Promise<string> {
  if (action === 'status') return describe(await manager.look(target, signal));
  if (action === 'install') {
    const { agent } = await manager.install(target, signal);
    return `installed: service orch-agent, port ${agent.port}, pid ${agent.pid}`;
  }
  const facts = await manager.look(target, signal);
  if (!facts.installed && !facts.agent && !facts.service) return 'nothing to remove';
  if (!force) await refuseOwner(target, signal);
  await manager.remove(target, signal);
  return 'removed';
}

/** Only the agent can undo what a lab owns: without its ledger the objects would stay for ever. */
async function refuseOwner(target: Target, signal: AbortSignal): Promise<void> {
  const connection = await connect(target, signal);
  try {
    const { labs } = await agentStatus(connection, '', target.timeoutMs);
    const owned = labs.filter(({ objects, heldBy }) => objects.length > 0 || heldBy !== '');
    if (owned.length === 0) return;
    throw new OrchError({
      code: 'agent-in-use',
      summary: `Labs still own things here: ${owned.map(({ name, objects }) => `${name} (${objects.length})`).join(', ')}.`,
      detail: owned.flatMap(({ name, objects }) => objects.map((object) => `${name}: ${object}`)).join('\n'),
      hint: 'Undo them with `orch destroy PLAYBOOK` or `orch destroy --lab NAME`, or leave them there for ever with --force.',
      where: { host: target.name },
    });
  } finally {
    await connection.close();
  }
}

function describe({ agent, installed, service, systemd, ownBundle }: HostLook): string {
  const kept = service ? 'service' : 'transient';
  if (agent) {
    const version = agent.bundle === ownBundle ? 'this version' : `other version (${agent.bundle.slice(0, 12)})`;
    return `serving  ${kept}, ${version}, port ${agent.port}, pid ${agent.pid}`;
  }
  const offer = systemd ? '' : ', no systemd';
  return installed ? `idle     ${kept}, started when it is wanted` : `absent   brought along when it is wanted${offer}`;
}
