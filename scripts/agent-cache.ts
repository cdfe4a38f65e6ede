// Writes dist/agent.cache: V8's compiled form of what an agent does in its first run. The agent of the build does it here, in
// this process, in a folder of its own; it changes nothing, its tasks are in check mode.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { registry } from '../agent/modules/registry.gen.ts';
import { saveMemory } from '../agent/thrift.ts';
import { openRun } from '../controller/connect/calls/run-stream.ts';
import { hello, openChannel } from '../controller/connect/channel.ts';
import { createAuthority, mint } from '../controller/connect/trust/authority.ts';

const dist = join(import.meta.dirname, '../dist');
const folder = mkdtempSync(join(tmpdir(), 'orch-agent-cache-'));
const tls = join(folder, 'state/tls');
const notes = join(folder, 'run/agent.json');

async function main(): Promise<Buffer> {
  mkdirSync(tls, { recursive: true, mode: 0o700 });
  const authority = await createAuthority('build');
  const [server, client] = [await mint(authority, 'server', 'agent.orch'), await mint(authority, 'client', 'build')];
  const own = (name: string, text: string) => writeFileSync(join(tls, name), text, { mode: 0o600 });
  own('ca.pem', authority.certificate);
  own('agent.key', server.key);
  own('agent.pem', server.certificate + authority.certificate);

  const program = join(dist, 'agent.cjs');
  const where = ['--state', join(folder, 'state'), '--run', join(folder, 'run')];
  process.argv = [process.execPath, program, 'serve', ...where, '--bind', '127.0.0.1', '--port', '0'];
  const { compiled } = createRequire(import.meta.url)(program) as { compiled: () => Buffer };
  while (!existsSync(notes)) await sleep(5);

  const { port, bundle } = JSON.parse(readFileSync(notes, 'utf8'));
  const peer = { authority: authority.certificate, serverName: 'agent.orch' };
  const channel = openChannel(`127.0.0.1:${port}`, { authority, client }, peer);
  await hello(channel, bundle, 10_000);
  const connection = { host: 'build', client: channel, close: async () => channel.close() };
  await firstRun(connection as unknown as Parameters<typeof openRun>[0]);
  // V8 takes it only under the flags that it was made with: those of an agent that has just been started.
  saveMemory(false);
  return compiled();
}

/** Of which most labs are made. What others are made of is compiled when it is asked for: all of it would take longer to read. */
const usual = ['netns', 'veth', 'bridge', 'macvlan', 'ipvlan', 'link', 'address', 'route', 'sysctl'];

/** The first example of each usual module, in check mode. Failures are as good: most of the way is the same. */
async function firstRun(connection: Parameters<typeof openRun>[0]): Promise<void> {
  const never = () => Promise.reject(new Error('the agent of the build broke its connection'));
  const run = await openRun(connection, never, { lab: 'build', run: 'build', holder: 'build', waitMs: 0 });
  const modules = [...registry.values()].filter(({ name }) => usual.includes(name));
  for (const [at, { name, examples }] of modules.entries()) {
    const example = (parse(examples[0] ?? '') as Record<string, unknown>)[name];
    run.send({
      ...{ id: at + 1, lane: 'build', batch: at, module: name, items: [{ paramsJson: JSON.stringify(example) }] },
      ...{ check: true, diff: true, noLog: false, keepGoing: true, persist: false, ahead: false },
      ...{ runAs: '', environment: {}, where: '', cwd: '', timeoutMs: 10_000 },
    });
  }
  run.close(0, '{}');
  for await (const _ of run.responses);
}

try {
  const form = await main();
  writeFileSync(join(dist, 'agent.cache'), form);
} finally {
  rmSync(folder, { recursive: true });
}
process.exit(0);
