import { createCollector } from '../../controller/report/run/collect.ts';
import type { RunEvent, RunReport } from '../../controller/report/types.ts';
import { HostStates } from '../../controller/run/hosts/host-states.ts';
import { Interrupt } from '../../controller/run/hosts/interrupt.ts';
import { loadInputs, refuse, selectInput } from '../../controller/run/input/input.ts';
import { prepareRun } from '../../controller/run/input/prepare.ts';
import { connectHosts, runConnected } from '../../controller/run/run-playbook.ts';
import type { OrchError } from '../../proto/errors.ts';
import type { FakeAgent } from './fake-agent.ts';

/** Of a command line without options. */
export const reach = {
  ...{ acceptHostKey: false, password: undefined, becomePassword: undefined, become: false, timeoutSeconds: 10 },
  ...{ user: 'root', privateKey: undefined, connection: undefined, becomeUser: undefined },
  ...{ sshArgs: undefined, sshCommonArgs: undefined, sshExtraArgs: undefined, port: undefined },
};

export const commandLine = { check: false, diff: false, tags: [], skipTags: [], limit: undefined, verbosity: 0 };

/** Runs a playbook with the real parser, variables and engine on agents in this process. */
export async function simulatedRun(
  playbook: string,
  inventory: string,
  agent: (host: string) => FakeAgent,
): Promise<RunReport> {
  const [report] = await simulatedRuns([playbook], inventory, agent);
  return report as RunReport;
}

/** The same for playbooks that run one after the other; `listen` hears all. */
export async function simulatedRuns(
  playbooks: readonly string[],
  inventory: string,
  agent: (host: string) => FakeAgent,
  listen: (event: RunEvent) => void = () => {},
): Promise<readonly RunReport[]> {
  const errors: OrchError[] = [];
  const selection = { tags: { only: [], skip: [] }, limit: undefined, startAtTask: undefined };
  const inputs = loadInputs(playbooks, [inventory], [], errors).map((loaded) => selectInput(loaded, selection, errors));
  const states = new HostStates(undefined);
  const options = { ...commandLine, forceHandlers: false, reach, states };
  const runs = inputs.map((input) => ({ input, deps: prepareRun(input, options, errors).deps }));
  refuse(errors);
  const reports: RunReport[] = [];
  for (const { input, deps } of runs) {
    const collector = createCollector();
    const emit = (event: RunEvent): void => {
      collector.add(event);
      listen(event);
    };
    const connected = await connectHosts(input.plays, {
      ...deps(emit),
      emit,
      interrupt: new Interrupt(),
      open: async (host) => ({ stream: agent(host), transport: 'tls', warm: true, close: async () => {} }),
    });
    await runConnected(connected, input.plays);
    const report = collector.report({ startedAt: '', durationMs: 0, interrupted: false });
    await connected.links.close(report.exit, () => ({}));
    listen({ type: 'run-end', report });
    reports.push(report);
  }
  return reports;
}
