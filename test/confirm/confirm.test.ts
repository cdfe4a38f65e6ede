import { afterEach, expect, test } from 'vitest';
import { hello } from '../../agent/identity.ts';
import { confirmRun } from '../../controller/confirm/confirm.ts';
import type { AgentConnection } from '../../controller/connect/types.ts';
import { OrchError } from '../../proto/errors.ts';
import { ConfirmRequest_Phase as Phase } from '../../proto/gen/orch/v1/agent.ts';
import { RunClient } from '../rpc/run-client.ts';
import { task } from '../rpc/tasks.ts';
import { TestAgent } from '../rpc/test-agent.ts';

const agents = new Map<string, TestAgent>();
afterEach(async () => {
  await Promise.all([...agents.values()].map((agent) => agent.end()));
  agents.clear();
});

/** Two hosts on which a run has set a to 1, and waits for its confirmation. */
async function armedHosts(seconds: number): Promise<void> {
  for (const name of ['vm01', 'vm02']) {
    const agent = await TestAgent.start();
    agents.set(name, agent);
    const precautions = { confirmS: seconds, ways: [] };
    const run = new RunClient(await agent.client());
    run.send({ $case: 'open', value: { lab: 'lab', run: 'r1', holder: 'me', waitMs: 0, precautions } });
    await run
      .tasks(task(1, 'setting', [{ key: 'a', value: '1' }]))
      .close()
      .next('closed');
  }
}

/** The controller's way to a host, which can be lost. */
class Ways {
  readonly lost = new Set<string>();
  readonly given = new AbortController();

  async connect(host: string): Promise<AgentConnection> {
    if (this.lost.has(host)) {
      // Nobody waits for the whole time here.
      this.given.abort();
      throw new OrchError({ code: 'host-unreachable', summary: 'No way.' });
    }
    const client = await agentOf(host).client();
    return { host, hello: hello('bundle', false), client, transport: 'tls', warm: true, close: async () => undefined };
  }

  settle(seconds: number) {
    const connect = (host: string) => this.connect(host);
    return confirmRun({
      ...{ lab: 'lab', run: 'r1', hosts: ['vm01', 'vm02'], seconds, holder: 'me' },
      connect,
      signal: this.given.signal,
    });
  }
}

function agentOf(host: string): TestAgent {
  const agent = agents.get(host);
  if (agent === undefined) throw new Error(`no host ${host}`);
  return agent;
}

/** Does something when a host hears the last word, before it is passed on. */
function whenCommitting(host: string, deed: () => void): void {
  const { engine } = agentOf(host);
  const confirm = engine.confirm.bind(engine);
  engine.confirm = async (request) => {
    if (request.phase === Phase.COMMIT) deed();
    return confirm(request);
  };
}

const settings = () => [...agents.values()].map(({ host }) => host.sysctls.get('a'));

test('both keep a run when both are reached', async () => {
  await armedHosts(30);
  expect(await new Ways().settle(30)).toMatchObject({ kept: true, hosts: [{ state: 'kept' }, { state: 'kept' }] });
  expect(settings()).toEqual(['1', '1']);
});

test('a host that has kept the run takes it back when the other one has not', async () => {
  await armedHosts(3);
  whenCommitting('vm02', () => {
    throw new OrchError({ code: 'internal', summary: 'Not heard.' });
  });
  expect(await new Ways().settle(3)).toMatchObject({
    kept: false,
    hosts: [{ state: 'taken-back', message: '1 change undone' }, { state: 'taken-back' }],
  });
  expect(settings()).toEqual(['0', '0']);
});

test('a host that has kept the run, and is lost then, is not said to go back by itself', async () => {
  await armedHosts(3);
  const ways = new Ways();
  whenCommitting('vm01', () => ways.lost.add('vm01'));
  whenCommitting('vm02', () => {
    throw new OrchError({ code: 'internal', summary: 'Not heard.' });
  });
  const { kept, hosts } = await ways.settle(3);
  expect({ kept, vm01: hosts[0] }).toEqual({
    kept: false,
    vm01: {
      host: 'vm01',
      state: 'kept',
      message: "it had heard the last word and can't be asked (No way.): orch rollback r1 takes it back",
    },
  });
});
