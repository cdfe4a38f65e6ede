import { constants } from 'node:os';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { OrchError } from '../proto/errors.ts';
import type { ExecRequest, ExecResponse, ExecStart } from '../proto/gen/orch/v1/agent.ts';
import { drained } from './drained.ts';
import type { LinuxHost } from './linux/linux-host.ts';
import { LiveProcess, type TakeOutput } from './linux/programs/live-process.ts';
import { rpcError } from './rpc-error.ts';

type ExecCall = ServerDuplexStream<ExecRequest, ExecResponse>;
export type ExecHost = Pick<LinuxHost, 'program' | 'netnsNames' | 'user'>;

/** Serves one Exec stream until the program has ended. A controller that leaves takes the program along. */
export async function serveExec(call: ExecCall, host: ExecHost): Promise<void> {
  const gone = new Promise<void>((resolve) => call.once('cancelled', resolve).once('close', resolve));
  const requests: AsyncIterator<ExecRequest> = call.iterator({ destroyOnReturn: false });
  try {
    const first = await requests.next();
    const message = first.done ? undefined : first.value.message;
    if (message?.$case !== 'start') throw badStart('An exec stream begins with start.');
    const running = await startProgram(message.value, host, takerFor(call));
    call.write({ message: { $case: 'started', value: { pid: running.pid } } });
    void gone.then(() => running.end());
    let timedOut = false;
    const { timeoutMs } = message.value;
    const late = () => {
      timedOut = true;
      running.end();
    };
    const deadline = timeoutMs > 0 ? setTimeout(late, Math.min(timeoutMs, 2 ** 31 - 1)) : undefined;
    void hear(requests, running).catch(() => running.end());
    const status = await running.ended;
    clearTimeout(deadline);
    call.write({ message: { $case: 'ended', value: { status, timedOut } } });
    call.end();
  } catch (error) {
    if (!call.destroyed) call.emit('error', rpcError(error));
  }
}

async function startProgram(start: ExecStart, host: ExecHost, take: TakeOutput): Promise<LiveProcess> {
  const { argv, netns, runAs, cwd, environment } = start;
  if (!argv[0]) throw badStart('There is no program to run.');
  await requireNetns(netns, host);
  const program = await host.program({
    argv,
    netns: netns || undefined,
    runAs: runAs || undefined,
    cwd: cwd.startsWith('~') ? await homeOf(cwd.slice(1), host) : cwd || undefined,
    env: environment,
  });
  return LiveProcess.start(program, take);
}

async function homeOf(user: string, host: ExecHost): Promise<string> {
  const account = await host.user(user);
  if (account === undefined) throw badStart(`There is no user ${user}.`);
  return account.home;
}

async function requireNetns(netns: string, host: ExecHost): Promise<void> {
  if (netns === '') return;
  const names = await host.netnsNames();
  if (names.includes(netns)) return;
  throw new OrchError({
    code: 'missing-object',
    summary: `There is no network namespace ${netns}.`,
    detail: names.length === 0 ? 'This host has no named namespaces.' : `There are: ${names.join(', ')}.`,
  });
}

/** Passes output on at the controller's pace; once that is gone, into nothing. */
function takerFor(call: ExecCall): TakeOutput {
  return async (chunk, stderr) => {
    if (call.destroyed || call.cancelled) return;
    call.write({ message: { $case: 'output', value: { stderr, chunk } } });
    await drained(call);
  };
}

/** Hands on input and signals, the input at the program's pace. */
async function hear(requests: AsyncIterator<ExecRequest>, running: LiveProcess): Promise<void> {
  for (let next = await requests.next(); !next.done; next = await requests.next()) {
    const { message } = next.value;
    if (message?.$case === 'stdin') await running.write(message.value);
    if (message?.$case === 'stdinEnd') running.endInput();
    if (message?.$case === 'signal' && isSignal(message.value)) running.signal(message.value);
  }
}

function isSignal(name: string): name is NodeJS.Signals {
  return Object.hasOwn(constants.signals, name);
}

function badStart(summary: string): OrchError {
  return new OrchError({ code: 'invalid-parameter', summary });
}
