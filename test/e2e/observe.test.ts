import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ObserveRequest,
  type ObserveResponse,
  ProbeProtocol,
  ProbeSent_Outcome,
} from '../../proto/gen/orch/v1/agent.ts';
import { AgentHome } from './agent-process.ts';
import { ip, ScratchNetns } from './scratch-netns.ts';

type Answer = NonNullable<ObserveResponse['message']>;

const scratch = new ScratchNetns();
const [near, far] = [scratch.name('near'), scratch.name('far')];
let home: AgentHome;
let call: ClientDuplexStream<ObserveRequest, ObserveResponse>;
const waiting = new Map<number, (answer: Answer | undefined) => void>();

/** Two namespaces with a pair of links between them, and an agent on this machine. */
beforeAll(async () => {
  for (const netns of [near, far]) ip('netns', 'add', netns);
  ip('-n', near, 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1', 'netns', far);
  for (const [netns, dev, address] of [
    [near, 'v0', '192.0.2.1/24'],
    [far, 'v1', '192.0.2.2/24'],
  ] as const) {
    ip('-n', netns, 'address', 'add', address, 'dev', dev);
    ip('-n', netns, 'link', 'set', dev, 'up');
    ip('-n', netns, 'link', 'set', 'lo', 'up');
  }
  home = await AgentHome.make();
  await home.serve();
  call = (await home.client()).observe();
  call.on('data', ({ id, message }: ObserveResponse) => waiting.get(id)?.(message));
});
afterAll(() => {
  home.remove();
  scratch.sweep();
});

function nft(netns: string, command: string): string {
  return execFileSync('ip', ['netns', 'exec', netns, 'nft', command], { encoding: 'utf8' });
}

/** Processes of nft in a namespace. */
function tracersIn(netns: string): string[] {
  const pids = ip('netns', 'pids', netns).split('\n');
  return pids.filter((pid) => {
    try {
      return pid !== '' && readFileSync(`/proc/${pid}/comm`, 'utf8') === 'nft\n';
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
}

let last = 0;
function ask(message: NonNullable<ObserveRequest['message']>): Promise<Answer | undefined> {
  const id = ++last;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    call.write({ id, message });
  });
}

async function probe(protocol: ProbeProtocol, to: string, port = 0) {
  const options = { netns: near, from: '', to, protocol, port, size: 0, count: 1, timeoutMs: 300 };
  const sent = await ask({ $case: 'sendProbe', value: options });
  if (sent?.$case === 'probeSent') return sent.value;
  throw new Error(JSON.stringify(sent));
}

describe('one stream', () => {
  test('tells the clocks', async () => {
    const before = Date.now();
    const clock = await ask({ $case: 'askClock', value: {} });
    if (clock?.$case !== 'clock') throw new Error(JSON.stringify(clock));
    // Node's own Date counts whole milliseconds.
    expect(clock.value.realtimeUs / 1000).toBeGreaterThanOrEqual(before - 1);
    expect(clock.value.monotonicUs).toBeLessThanOrEqual(Number(process.hrtime.bigint() / 1000n));
  });

  test('shows a namespace as it is', async () => {
    const names = ['link', 'route', 'neighbour', 'nft_text', 'sysctl', 'snmp', 'sockets'];
    const looked = await ask({ $case: 'look', value: { namespaces: [near, 'none-such'], readings: names } });
    if (looked?.$case !== 'looked') throw new Error(JSON.stringify(looked));
    const [view, none] = looked.value.views;
    expect(none).toEqual({ netns: 'none-such', inode: 0, readings: [] });
    const texts = Object.fromEntries((view?.readings ?? []).map(({ name, text }) => [name, text]));
    expect(JSON.parse(texts.link ?? '')).toMatchObject([{ ifname: 'lo' }, { ifname: 'v0', operstate: 'UP' }]);
    expect(JSON.parse(texts.route ?? '')).toContainEqual(expect.objectContaining({ dst: '192.0.2.0/24', dev: 'v0' }));
    expect(texts.sysctl).toMatch(/^net\/ipv4\/conf\/v0\/rp_filter = \d$/m);
    expect(texts.snmp).toMatch(/^Ip: /m);
    expect(view?.inode).toBeGreaterThan(0);
  });

  test('asks for a way', async () => {
    const asked = { netns: near, to: '198.51.100.1', from: '', iif: '', oif: '', mark: 0, ipproto: '' };
    expect(await ask({ $case: 'lookup', value: { ...asked, sport: 0, dport: 0, fibmatch: false } })).toEqual({
      $case: 'lookedUp',
      value: { routeJson: '', refusal: 'Network is unreachable' },
    });
  });

  test('a request that makes no sense leaves the stream as it was', async () => {
    expect(await ask({ $case: 'look', value: { namespaces: [], readings: ['weather'] } })).toMatchObject({
      $case: 'failed',
      value: { code: 'invalid-parameter' },
    });
  });
});

describe('a probe', () => {
  const { ICMP, TCP, UDP } = ProbeProtocol;
  const { REPLIED, REFUSED, SILENT, UNREACHABLE } = ProbeSent_Outcome;

  test('says what came of it', async () => {
    expect(await probe(ICMP, '192.0.2.2')).toMatchObject({ outcome: REPLIED, from: '192.0.2.1' });
    expect(await probe(TCP, '192.0.2.2', 9)).toMatchObject({ outcome: REFUSED, text: 'connection refused' });
    expect(await probe(UDP, '192.0.2.2', 9)).toMatchObject({ outcome: REFUSED, from: '192.0.2.1' });
    ip('-n', near, 'neighbour', 'add', '192.0.2.9', 'lladdr', '02:00:00:00:00:09', 'dev', 'v0');
    expect(await probe(UDP, '192.0.2.9', 9)).toMatchObject({ outcome: SILENT, from: '192.0.2.1' });
    expect(await probe(TCP, '192.0.2.9', 9)).toMatchObject({ outcome: SILENT, from: '192.0.2.1' });
    expect(await probe(TCP, '198.51.100.1', 80)).toMatchObject({
      outcome: UNREACHABLE,
      text: 'network is unreachable',
    });
    expect(await probe(ICMP, '198.51.100.1')).toMatchObject({ outcome: UNREACHABLE, text: 'Network is unreachable' });
  });
});

describe('a watch', () => {
  const flow = { from: '192.0.2.1', to: '192.0.2.2', protocol: ProbeProtocol.ICMP, port: 0, nextHops: [], size: 56 };
  const start = async (nftNamespaces: string[]) => {
    const watching = await ask({ $case: 'watch', value: { flow, nftNamespaces, translated: [] } });
    if (watching?.$case === 'watching') return watching.value;
    throw new Error(JSON.stringify(watching));
  };
  const collect = (ident: number) => ask({ $case: 'collect', value: { ident } });

  test('tells the rule that dropped the probe, and leaves no table', async () => {
    nft(far, 'add table inet f; add chain inet f input { type filter hook input priority 0; }');
    nft(far, 'add rule inet f input icmp type echo-request drop comment "mine"');
    const { lacking } = await start([near, far, 'none-such']);
    expect(lacking.filter((text) => text.startsWith('nft'))).toEqual([expect.stringContaining('nft in none-such')]);
    const { ident } = await probe(ProbeProtocol.ICMP, '192.0.2.2');
    const seen = await collect(ident);
    if (seen?.$case !== 'collected') throw new Error(JSON.stringify(seen));
    expect(seen.value.nft).toMatchObject([
      { netns: far, table: 'f', chain: 'input', step: 'packet' },
      {
        netns: far,
        table: 'f',
        chain: 'input',
        step: 'rule',
        verdict: 'drop',
        text: expect.stringContaining('"mine"'),
      },
    ]);
    await expect.poll(() => [nft(near, 'list tables'), nft(far, 'list tables')]).toEqual(['', 'table inet f\n']);
  });

  test('is one at a time, and can only be collected once', async () => {
    const first = start([far]);
    const second = await ask({ $case: 'watch', value: { flow, nftNamespaces: [], translated: [] } });
    await first;
    expect(second).toMatchObject({ $case: 'failed', value: { code: 'invalid-parameter' } });
    expect(await collect(0)).toMatchObject({ $case: 'collected' });
    expect(await collect(0)).toMatchObject({ $case: 'failed', value: { code: 'invalid-parameter' } });
  });

  test('is taken away with the stream, however that ends', async () => {
    const other = (await home.client()).observe();
    other.on('error', () => undefined);
    const armed = new Promise((resolve) => other.once('data', resolve));
    other.write({ id: 1, message: { $case: 'watch', value: { flow, nftNamespaces: [far], translated: [] } } });
    await armed;
    expect(nft(far, 'list tables')).toContain('orch_why_');
    other.cancel();
    await expect.poll(() => nft(far, 'list tables')).toBe('table inet f\n');
    await expect.poll(() => tracersIn(far)).toEqual([]);
  });

  test('is taken away when the agent is killed', async () => {
    const killed = await AgentHome.make();
    try {
      const agent = await killed.serve();
      const stream = (await killed.client()).observe();
      stream.on('error', () => undefined);
      const armed = new Promise((resolve) => stream.once('data', resolve));
      stream.write({ id: 1, message: { $case: 'watch', value: { flow, nftNamespaces: [far], translated: [] } } });
      await armed;
      expect(tracersIn(far)).toHaveLength(2);
      agent.child.kill('SIGKILL');
      await expect.poll(() => nft(far, 'list tables')).toBe('table inet f\n');
      await expect.poll(() => tracersIn(far)).toEqual([]);
    } finally {
      killed.remove();
    }
  });
});

test('the end of the stream leaves no process in a namespace', async () => {
  call.end();
  await new Promise((resolve) => call.once('end', resolve));
  await expect.poll(() => ip('netns', 'pids', near)).toBe('');
});
