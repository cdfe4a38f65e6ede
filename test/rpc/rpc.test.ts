import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { ChannelCredentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { errorKey } from '../../agent/rpc-error.ts';
import { createAuthority, type KeyedCertificate, mint } from '../../controller/connect/trust/authority.ts';
import {
  type AgentServiceClient,
  type HelloResponse,
  Status,
  type StatusResponse,
  type StopResponse,
} from '../../proto/gen/orch/v1/agent.ts';
import { protocol, version } from '../../proto/version.ts';
import { TestCa } from './certificates.ts';
import { RunClient } from './run-client.ts';
import { task } from './tasks.ts';
import { ask, destroy, TestAgent } from './test-agent.ts';

let agent: TestAgent;
let client: AgentServiceClient;

beforeEach(async () => {
  agent = await TestAgent.start();
  client = await agent.client();
});
afterEach(() => agent.end());

const hello = (from: AgentServiceClient) => ask<HelloResponse>((done) => from.hello({ protocol, bundle: '' }, done));
const statusOf = (lab = '') => ask<StatusResponse>((done) => client.status({ lab }, done));
const stop = (force: boolean) => ask<StopResponse>((done) => client.stop({ force }, done));
const setting = (id: number, value: string, fields = {}) => task(id, 'setting', [{ key: 'a', value }], fields);

test('says who is there', async () => {
  expect(await hello(client)).toMatchObject({
    protocol,
    version,
    bundle: 'bundle',
    pid: process.pid,
    mode: 'transient',
  });
});

test('a controller without a certificate of our CA is refused', async () => {
  const other = await TestCa.make();
  const ca = Buffer.from(agent.ca.cert);
  const { key, cert } = await other.sign('intruder');
  const foreign = ChannelCredentials.createSsl(ca, Buffer.from(key), Buffer.from(cert));
  await expect(hello(await agent.client(foreign))).rejects.toMatchObject({ code: status.UNAVAILABLE });
  await expect(hello(await agent.client(ChannelCredentials.createSsl(ca)))).rejects.toMatchObject({
    code: status.UNAVAILABLE,
  });
});

test('the certificate of a host’s agent, an ended one, or one for an older TLS commands no agent', async () => {
  const authority = await createAuthority('here');
  writeFileSync(join(agent.folder, 'tls/ca.pem'), authority.certificate);
  agent.credentials.reload();
  const greet = async (pair: KeyedCertificate, options: SecureContextOptions = {}) => {
    const context = createSecureContext({ ca: agent.ca.cert, cert: pair.certificate, key: pair.key, ...options });
    return hello(await agent.client(ChannelCredentials.createFromSecureContext(context)));
  };
  const client = await mint(authority, 'client', 'controller.orch');
  expect(await greet(client)).toMatchObject({ protocol });
  const refused = { code: status.UNAVAILABLE };
  await expect(greet(await mint(authority, 'server', 'vm02.agent.orch'))).rejects.toMatchObject(refused);
  await expect(greet(await mint(authority, 'client', 'controller.orch', -1000))).rejects.toMatchObject(refused);
  await expect(greet(client, { maxVersion: 'TLSv1.2' })).rejects.toMatchObject(refused);
});

test('certificates that were replaced count for new connections', async () => {
  const next = await TestCa.make();
  await next.writeAgentFiles(agent.folder);
  agent.credentials.reload();
  expect(await hello(await agent.client(await next.clientCredentials()))).toMatchObject({ protocol });
});

test('a run from open to close, remembered by status', async () => {
  const run = new RunClient(client)
    .open('lab', 'r1')
    .tasks(setting(1, '1'), task(2, 'echo', [{ say: 'hi' }]))
    .close();
  await run.next('closed');
  expect(run.all('itemDone').map(({ status }) => status)).toEqual([Status.CHANGED, Status.CHANGED]);
  expect(run.all('output').map(({ chunk }) => chunk.toString())).toEqual(['hi']);
  expect(run.responses.map(({ seq }) => seq)).toEqual(run.responses.map((_, at) => at + 1));
  const { labs, agent: who } = await statusOf();
  expect(who).toMatchObject({ version });
  expect(labs).toMatchObject([{ name: 'lab', objects: ['setting a'], lastRun: 'r1', heldBy: '' }]);
  expect(agent.host.released).toBe(1);
});

test('a broken stream is taken up without loss or repetition', async () => {
  const first = new RunClient(client)
    .open('lab', 'r1')
    .tasks(task(1, 'echo', [{ say: 'a' }]), task(2, 'forever', [{}]));
  await first.next('started', ({ task }) => task === 2);
  const seen = first.responses.length - 2;
  first.break();

  const second = new RunClient(client).send({ $case: 'resume', value: { run: 'r1', afterSeq: seen } });
  second.tasks(task(2, 'forever', [{}]), task(3, 'echo', [{ say: 'b' }]));
  second.send({ $case: 'cancel', value: { queuedOnly: false, laterBatches: false } }).close();
  await second.next('closed');
  expect(second.responses.map(({ seq }) => seq)).toEqual(second.responses.map((_, at) => seen + at + 1));
  expect(second.all('itemDone')).toMatchObject([
    { task: 2, status: Status.FAILED, diagnostic: { code: 'interrupted' } },
  ]);
  expect(second.all('dropped')).toEqual([{ tasks: [3] }]);
});

test('a run that nobody knows cannot be taken up', async () => {
  const run = new RunClient(client).send({ $case: 'resume', value: { run: 'nope', afterSeq: 0 } });
  const error = await run.next('opened').catch((error) => error);
  expect(error).toMatchObject({
    code: status.NOT_FOUND,
    details: expect.stringContaining('Run nope is not known to this agent'),
  });
  expect(JSON.parse(String(error.metadata.get(errorKey)[0]))).toMatchObject({ code: 'connection-lost' });
});

test('a second run on a lab is refused, and one that waits gets it next', async () => {
  const first = new RunClient(client).open('lab', 'r1');
  expect(await first.next('opened')).toEqual({ heldBy: '' });
  expect(await new RunClient(client).open('lab', 'r2').next('opened')).toEqual({ heldBy: 'tester of r1' });
  await expect(destroy(client, 'lab')).rejects.toMatchObject({ details: 'Lab lab is in the hands of tester of r1.' });
  expect((await statusOf('lab')).labs).toMatchObject([{ heldBy: 'tester of r1' }]);

  const third = new RunClient(client).open('lab', 'r3', 10_000);
  const other = new RunClient(client).open('other lab', 'r4');
  expect(await other.next('opened')).toEqual({ heldBy: '' });
  first.close();
  expect(await third.next('opened')).toEqual({ heldBy: '' });
});

test('a run that gave up waiting does not keep the lab from the next', async () => {
  const first = new RunClient(client).open('lab', 'r1');
  await first.next('opened');
  const second = new RunClient(client).open('lab', 'r2', 10_000);
  const third = new RunClient(client).open('lab', 'r3', 10_000);
  await statusOf();
  second.break();
  first.close();
  expect(await third.next('opened')).toEqual({ heldBy: '' });
});

test('a run may come in several streams, one after the other', async () => {
  await new RunClient(client).open('lab', 'r1').tasks(setting(1, '1')).close().next('closed');
  await new RunClient(client).open('lab', 'r1').tasks(setting(1, '2')).close().next('closed');
  expect(agent.host.sysctls.get('a')).toBe('2');
});

test('a wait for a lab ends', async () => {
  await new RunClient(client).open('lab', 'r1').next('opened');
  expect(await new RunClient(client).open('lab', 'r2', 30).next('opened')).toEqual({ heldBy: 'tester of r1' });
});

test('a task that is sent twice runs once', async () => {
  const run = new RunClient(client).open('lab', 'r1').tasks(setting(1, '1'), setting(1, '2'), setting(2, '3')).close();
  await run.next('closed');
  expect(run.all('taskDone').map(({ task }) => task)).toEqual([1, 2]);
  expect(agent.host.sysctls.get('a')).toBe('3');
});

test('lanes run side by side', async () => {
  const run = new RunClient(client).open('lab', 'r1');
  run.tasks(task(1, 'forever', [{}], { lane: 'a' }), task(2, 'echo', [{ say: 'b' }], { lane: 'b' }));
  await run.next('taskDone', ({ task }) => task === 2);
  expect(run.all('taskDone')).toHaveLength(1);
});

test('the first cancel spares what runs, the second ends it', async () => {
  const run = new RunClient(client).open('lab', 'r1').tasks(task(1, 'forever', [{}]), setting(2, '1'));
  await run.next('started');
  run.send({ $case: 'cancel', value: { queuedOnly: true, laterBatches: false } });
  expect(await run.next('dropped')).toEqual({ tasks: [2] });
  expect(run.all('taskDone')).toEqual([]);
  run.send({ $case: 'cancel', value: { queuedOnly: false, laterBatches: false } });
  expect(await run.next('itemDone')).toMatchObject({ status: Status.FAILED, diagnostic: { code: 'interrupted' } });
});

test('a cancel may spare later batches', async () => {
  const run = new RunClient(client).open('lab', 'r1').tasks(setting(1, '1'));
  await run.next('taskDone');
  run.send({ $case: 'cancel', value: { queuedOnly: true, laterBatches: true } });
  run.tasks(setting(2, '2'), setting(3, '3', { batch: 1 }));
  expect(await run.next('dropped')).toEqual({ tasks: [2] });
  expect(await run.next('taskDone', ({ task }) => task === 3)).toMatchObject({ status: Status.CHANGED });
});

test('hostile parameters are refused and change nothing', async () => {
  const raw = (id: number, paramsJson: string) => ({
    ...setting(id, '', { keepGoing: true }),
    items: [{ paramsJson }],
  });
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const run = new RunClient(client).open('lab', 'r1');
  run.tasks(raw(1, deep), raw(2, '{"key":'), raw(3, '{"key":"a","value":"1","__proto__":{"netns":"x"}}')).close();
  await run.next('closed');
  expect(run.all('itemDone').map(({ diagnostic }) => diagnostic?.code)).toEqual(Array(3).fill('invalid-parameter'));
  expect(agent.host.applied).toEqual([]);
});

test('a stream that begins with a task is refused', async () => {
  const error = await new RunClient(client)
    .tasks(setting(1, '1'))
    .next('opened')
    .catch((error) => error);
  expect(error).toMatchObject({ code: status.INVALID_ARGUMENT });
});

test('destroy says what it did', async () => {
  await new RunClient(client).open('lab', 'r1').tasks(setting(1, '1')).close().next('closed');
  expect(await destroy(client, 'lab')).toMatchObject([
    { object: 'setting a', what: 'sysctl -w a=0', outcome: 1 },
    { proof: { compared: { sysctls: 2 }, differences: [] } },
  ]);
  expect((await statusOf()).labs).toEqual([]);
});

test('destroy queues behind a run, and undoes nothing for one who left the queue', async () => {
  const run = new RunClient(client).open('lab', 'r1').tasks(setting(1, '1'));
  await run.next('taskDone');
  const left = client.destroy({ lab: 'lab', run: 'leaver', holder: 'leaver', check: false, waitMs: 10_000 });
  const over = new Promise((resolve) => left.once('error', resolve));
  const next = new RunClient(client).open('lab', 'r2', 10_000);
  // An answer after each: the agent has it in its queue, then knows that it left.
  await statusOf('lab');
  left.cancel();
  await over;
  await statusOf('lab');
  run.close();
  await next.next('opened');
  expect((await statusOf('lab')).labs).toMatchObject([{ objects: ['setting a'] }]);

  const waiting = destroy(client, 'lab', 10_000);
  next.close();
  expect(await waiting).toMatchObject([{ object: 'setting a', outcome: 1 }, { proof: { differences: [] } }]);
});

test('a destroy whose controller goes away ends after the object at hand', async () => {
  await new RunClient(client).open('lab', 'r1').tasks(setting(1, '1')).close().next('closed');
  const b = task(1, 'setting', [{ key: 'b', value: '1' }]);
  await new RunClient(client).open('lab', 'r2').tasks(b).close().next('closed');
  const apply = agent.host.apply.bind(agent.host);
  const undo = agent.engine.destroy.bind(agent.engine);
  let isGone = () => false;
  agent.engine.destroy = (request, gone) => {
    isGone = gone;
    return undo(request, gone);
  };
  const call = client.destroy({ lab: 'lab', run: 'destroyer', holder: 'tester', check: false, waitMs: 0 });
  call.on('error', () => undefined);
  const undone = new Promise<void>((resolve) => {
    agent.host.apply = async (action) => {
      call.cancel();
      await expect.poll(isGone).toBe(true);
      await apply(action);
      resolve();
    };
  });
  await undone;
  await expect.poll(() => agent.engine.busy).toBe(false);
  expect([...agent.host.sysctls]).toEqual([
    ['a', '1'],
    ['b', '0'],
  ]);
  expect((await statusOf()).labs).toMatchObject([{ objects: ['setting a'], heldBy: '' }]);
});

test('stop waits for runs unless it is forced', async () => {
  const run = new RunClient(client).open('lab', 'r1');
  await run.next('opened');
  expect(await stop(false)).toMatchObject({ stopping: false });
  expect(await stop(true)).toMatchObject({ stopping: true });
  await run.close().next('closed');
  expect(await stop(false)).toMatchObject({ stopping: true });
  expect(agent.stopped).toBe(2);
});

test('an error is heard of however long its words are', async () => {
  const request = { name: '\u20ac'.repeat(100_000), netns: '', lines: 1, follow: false };
  const error = await new Promise<Partial<ServiceError>>((resolve) => client.logs(request).once('error', resolve));
  expect(error).toMatchObject({
    code: status.FAILED_PRECONDITION,
    details: expect.stringContaining('There is no daemon \u20ac\u20ac'),
  });
  expect(JSON.parse(String(error.metadata?.get(errorKey)[0]))).toMatchObject({ code: 'missing-object' });
});
