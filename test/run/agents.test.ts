import { expect, test } from 'vitest';
import type { Connect, Target } from '../../controller/connect/types.ts';
import { agentStreams } from '../../controller/run/hosts/agents.ts';
import { OrchError } from '../../proto/errors.ts';

test('a host is reached as the task says, whatever its first play said', async () => {
  const reached: Target[] = [];
  const connect: Connect = async (target) => {
    reached.push(target);
    throw new OrchError({ code: 'host-unreachable', summary: 'nobody is there' });
  };
  const target = (name: string): Target => ({
    ...{ name, address: '192.0.2.1', become: false, sshArgs: [], connection: 'local' },
    ...{ unknownHostKey: 'refuse', transport: 'auto', timeoutMs: 1000 },
  });
  const take = { lab: 'lab', run: 'run', holder: 'me', waitMs: 0 };
  const open = agentStreams(
    connect,
    target,
    () => [],
    take,
    0,
    () => {},
  );
  for (const local of [undefined, true, false]) {
    await expect(open('vm01', AbortSignal.abort(), local)).rejects.toThrow('nobody is there');
  }
  expect(reached.map(({ connection }) => connection)).toEqual(['local', 'local', 'ssh']);
});
