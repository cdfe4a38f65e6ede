import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, type Server, ServerCredentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bringContent } from '../../controller/connect/calls/bring.ts';
import type { AgentConnection } from '../../controller/connect/types.ts';
import { AgentServiceClient, type BringRequest } from '../../proto/gen/orch/v1/agent.ts';
import { serveFake } from './fake-agent.ts';

const file = join(tmpdir(), `orch-bring-${process.pid}`);
const content = Buffer.alloc(4_000_000, 'content');
let server: Server;
let connection: AgentConnection;
/** What the agent was told, streams one after the other. */
const heard: NonNullable<BringRequest['message']>[] = [];

beforeAll(async () => {
  writeFileSync(file, content);
  const fake = await serveFake('127.0.0.1:0', ServerCredentials.createInsecure(), {
    bring: (call, answer) => {
      call.on('data', ({ message }: BringRequest) => {
        if (message !== undefined) heard.push(message);
        // It is full.
        if (message?.$case === 'start' && message.value.id === 'refused') answer({ code: 13 });
      });
      call.on('end', () => answer(null, {}));
    },
  });
  server = fake.server;
  const client = new AgentServiceClient(`127.0.0.1:${fake.port}`, credentials.createInsecure());
  connection = { client } as unknown as AgentConnection;
});

afterAll(() => {
  connection.client.close();
  server.forceShutdown();
  rmSync(file);
});

const brought = () => Buffer.concat(heard.flatMap((each) => (each.$case === 'chunk' ? each.value : [])));

it.each([
  ['a file', file],
  ['what is in memory', content],
])('sends %s in pieces', async (_, source) => {
  heard.length = 0;
  await bringContent(connection, 'n', source);
  await expect.poll(() => heard.at(-1)?.$case).toBe('end');
  expect(heard[0]).toEqual({ $case: 'start', value: { id: 'n' } });
  expect(heard.length).toBe(6);
  expect(brought().equals(content)).toBe(true);
});

it.each([
  ['nobody has offered', undefined, 'The workstation has no such content.'],
  ['is gone', '/nowhere', 'ENOENT'],
])('tells that a content %s', async (_, source, why) => {
  heard.length = 0;
  await bringContent(connection, 'n', source);
  await expect.poll(() => heard.at(-1)).toEqual({ $case: 'failed', value: expect.stringContaining(why) });
});

it('lets four be on their way, and the others follow', async () => {
  heard.length = 0;
  await Promise.all(Array.from({ length: 20 }, () => bringContent(connection, 'n', content)));
  const underWay = { start: 1, end: -1, chunk: 0, failed: 0 };
  let most = 0;
  const left = heard.reduce((count, { $case }) => {
    most = Math.max(most, count + underWay[$case]);
    return count + underWay[$case];
  }, 0);
  expect({ most, left }).toEqual({ most: 4, left: 0 });
});

it('ends where the agent takes no more', async () => {
  heard.length = 0;
  await bringContent(connection, 'refused', Buffer.alloc(50_000_000));
  expect(brought().length).toBeLessThan(50_000_000);
});

it('sends nothing, and says nothing, once the run has ended and its channel is closed', async () => {
  const client = new AgentServiceClient('127.0.0.1:1', credentials.createInsecure());
  client.close();
  await bringContent({ client } as unknown as AgentConnection, 'n', content);
});
