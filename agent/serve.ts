import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server } from '@grpc/grpc-js';
import { AgentServiceService } from '../proto/gen/orch/v1/agent.ts';
import { version } from '../proto/version.ts';
import { Activity } from './activity.ts';
import { BootUnit } from './boot-unit.ts';
import { FileCredentials } from './credentials.ts';
import { Engine } from './engine/engine.ts';
import { asOrchError } from './engine/steps/diagnostic.ts';
import { ownEnvironment } from './environment.ts';
import { bundleHash, hello } from './identity.ts';
import { sweepSpools } from './linux/files/spool.ts';
import { LinuxHost } from './linux/linux-host.ts';
import { sweepTraces } from './linux/trace/trace-instance.ts';
import { type Doors, listen } from './listen.ts';
import { log } from './log.ts';
import { registry } from './modules/registry.gen.ts';
import { makePrivateFolder } from './private-folder.ts';
import { announce, claimRunFolder, socketPath, withdraw } from './run-folder.ts';
import { agentService } from './service.ts';
import { saveMemory } from './thrift.ts';
import { startWatchdog } from './watchdog.ts';

export interface ServeOptions {
  readonly stateDir: string;
  readonly runDir: string;
  /** 0: any free one; undefined: none, the socket alone. */
  readonly port: number | undefined;
  /** Undefined: all addresses. */
  readonly bind: string | undefined;
  readonly idleSeconds: number;
  /** Kept by systemd: never leaves by itself. */
  readonly service: boolean;
}

/** Largest message either way. */
const maxMessageBytes = 32 * 1024 * 1024;
const serverOptions = {
  'grpc.max_receive_message_length': maxMessageBytes,
  'grpc.max_send_message_length': maxMessageBytes,
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.max_concurrent_streams': 256,
  'grpc.enable_channelz': 0,
};

/** How long runs may take to end after SIGTERM. */
const stopDeadlineMs = 10_000;
/** How long the last answers may take to go out after them. */
const answersDeadlineMs = 1000;

/** Serves until told to stop or idle. Throws OrchError when it cannot begin. */
export async function serve(options: ServeOptions): Promise<void> {
  process.umask(0o077);
  process.env = ownEnvironment(process.env);
  const other = await claimRunFolder(options.runDir);
  if (other !== undefined) {
    process.stdout.write(`orch agent ${other.version ?? '?'} serves here already (pid ${other.pid ?? '?'}).\n`);
    return;
  }
  makePrivateFolder(options.stateDir);
  const credentials = new FileCredentials(options.stateDir);
  const host = new LinuxHost(join(options.stateDir, 'daemons'));
  const engine = new Engine({
    host,
    modules: registry,
    labsDir: join(options.stateDir, 'labs'),
    journalsDir: join(options.stateDir, 'journals'),
    checkpointsDir: join(options.stateDir, 'checkpoints'),
    // systemd starts its service anew by itself.
    onArmed: () => options.service || startWatchdog(options),
    boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    boots: new BootUnit({
      service: options.service,
      argv: [process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    }),
  });
  host.daemons.adopt();
  sweepTraces();
  sweepSpools();
  const bundle = bundleHash();
  const server = new Server(serverOptions);
  let doors: Doors | undefined;
  const stop = (reason: string) => {
    host.daemons.leave();
    void end(server, doors, engine, options.runDir, reason);
  };
  const activity: Activity = new Activity(options.service ? undefined : options.idleSeconds * 1000, () => {
    // A run whose stream broke goes on without a call, and daemons have no other supervisor.
    if (engine.busy || host.daemons.busy) activity.begin()();
    else stop('idle');
  });
  let called = false;
  server.addService(
    AgentServiceService,
    agentService({
      engine,
      host,
      hello: () => hello(bundle, options.service),
      begin: () => {
        if (!called) saveMemory(true);
        called = true;
        return activity.begin();
      },
      stop: () => setImmediate(stop, 'told to'),
    }),
  );

  doors = await listen(server, options, socketPath(options.runDir), credentials);
  const { port } = doors;
  engine.resume();
  // Programs make files as root's login would; the agent says the mode of its own.
  process.umask(0o022);
  announce(options.runDir, { pid: process.pid, port, bundle, version, startedAt: new Date().toISOString() });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop(signal));
  process.on('SIGHUP', () => reload(credentials));
  process.on('uncaughtException', (error) => {
    log('a defect ended the agent', { error: error.stack ?? error.message });
    withdraw(options.runDir);
    process.exit(1);
  });
  log('serving', { port, version, bundle });
  tellStarter('serving');
  const tell: Parameters<Engine['bringBack']>[0] = (lab, { run, ok, changed, failed }) =>
    log('a lab was brought back after the start of the host', { lab, run, ok, changed, failed });
  await engine.bringBack(tell).catch((error: unknown) => {
    log('labs could not be brought back', { error: asOrchError(error).summary });
  });
}

/** Whoever started this waits for a line, and for the end of what this says; it may have left. */
function tellStarter(line: string): void {
  try {
    writeSync(1, `${line}\n`);
  } catch {
    // Nobody waits.
  }
  closeSync(1);
  // The lowest number that is free is the one that was closed (open(2)).
  openSync('/dev/null', 'w');
}

function reload(credentials: FileCredentials): void {
  try {
    credentials.reload();
    log('TLS files read again');
  } catch (error) {
    log('TLS files not read again', { error: asOrchError(error).summary });
  }
}

/** Lets answers out, ends runs, and leaves nothing behind in the run folder. */
async function end(
  server: Server,
  doors: Doors | undefined,
  engine: Engine,
  runDir: string,
  reason: string,
): Promise<void> {
  log('stopping', { reason });
  setTimeout(() => process.exit(0), stopDeadlineMs).unref();
  withdraw(runDir);
  await engine.stop();
  const ended = doors?.close();
  // Where Node closes a server's sessions with it, since 24, this calls back before the last answers are out.
  server.tryShutdown(() => undefined);
  await Promise.race([ended, sleep(answersDeadlineMs)]);
  process.exit(0);
}
