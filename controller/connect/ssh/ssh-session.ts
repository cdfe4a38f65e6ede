import type { Duplex } from 'node:stream';
import ssh2, { type AuthenticationType, type ClientChannel, type PseudoTtyOptions } from 'ssh2';
import { OrchError } from '../../../proto/errors.ts';
import { interrupted, seconds, withDeadline } from '../deadline.ts';
import { DroppedEarly } from './dropped-early.ts';
import type { HostKeyCheck } from './host-key.ts';
import type { Credentials } from './ssh-auth.ts';
import type { SshSettings } from './ssh-settings.ts';

export interface SessionOptions {
  /** Inventory name, for errors. */
  readonly host: string;
  readonly settings: SshSettings;
  readonly hostKey: HostKeyCheck;
  readonly credentials: Credentials;
  /** For each answer of the sshd. Time in which a person is asked does not count. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** The way to the sshd; ended when the session can't be opened. */
  readonly sock: Duplex;
}

/** An authenticated SSH connection. */
export interface SshSession {
  /** Checked, and proven by the host. */
  readonly hostKey: Buffer;
  /** Runs a command line under the login shell; without a terminal. */
  exec(command: string): Promise<ClientChannel>;
  /** The same on a terminal of its own. */
  execOnTerminal(command: string, terminal: PseudoTtyOptions): Promise<ClientChannel>;
  /** A stream to a TCP port as the host sees it. */
  forward(host: string, port: number): Promise<Duplex>;
  /** A stream to a unix socket on the host; sshd connects as the login user. */
  forwardUnix(path: string): Promise<Duplex>;
  close(): void;
}

/**
 * Checks the host key, authenticates.
 * Throws OrchError host-unreachable, host-key-unknown, host-key-changed, connect-timeout or auth-failed; DroppedEarly.
 */
export async function openSession(options: SessionOptions): Promise<SshSession> {
  const { sock, signal, timeoutMs } = options;
  const client = new ssh2.Client();
  try {
    await handshake(client, options);
    await options.hostKey.remember();
  } catch (error) {
    client.on('error', () => {});
    client.end();
    sock.destroy();
    throw error;
  }
  // A connection that breaks later is told by its channels.
  client.on('error', () => {});
  const opened = <T>(start: (done: (error: Error | undefined, stream: T) => void) => void) =>
    withDeadline(
      new Promise<T>((resolve, reject) => start((error, stream) => (error ? reject(error) : resolve(stream)))),
      timeoutMs,
      signal,
      () => silent(options, 'did not open a channel'),
    );
  return {
    hostKey: options.hostKey.accepted(),
    exec: (command) => opened((done) => client.exec(command, done)),
    execOnTerminal: (command, pty) => opened((done) => client.exec(command, { pty }, done)),
    forward: (host, port) => opened((done) => client.forwardOut('127.0.0.1', 0, host, port, done)),
    forwardUnix: (path) => opened((done) => client.openssh_forwardOutStreamLocal(path, done)),
    close: () => client.end(),
  };
}

function handshake(client: ssh2.Client, options: SessionOptions): Promise<void> {
  const { sock, settings, hostKey, credentials, signal, timeoutMs } = options;
  let sawKey = false;
  let greeted = false;
  return new Promise<void>((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const wait = (what: string) => {
      clearTimeout(timer);
      timer = setTimeout(() => done(silent(options, greeted ? what : silence)), timeoutMs);
    };
    const onAbort = () => done(interrupted());
    const done = (error?: Error) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      if (error) reject(error);
      else resolve();
    };
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort);

    client.on('error', (error) => done(failure(error, options, sawKey)));
    client.on('close', () => done(failure(new Error('the connection was closed'), options, sawKey)));
    client.on('ready', () => done());
    sock.once('data', () => {
      greeted = true;
    });
    wait('greeted and then did not go on with the SSH handshake');
    client.connect({
      sock,
      username: settings.user,
      readyTimeout: 0,
      // Notices a host that went away under a long upload or an open tunnel.
      keepaliveInterval: 10_000,
      keepaliveCountMax: 3,
      algorithms: { serverHostKey: hostKey.algorithms },
      hostVerifier: (key: Buffer) => {
        sawKey = true;
        const refusal = hostKey.verify(key);
        if (refusal) done(refusal);
        return refusal === undefined;
      },
      authHandler: (left, _partial, next) => {
        clearTimeout(timer);
        // The types say null only in words: before the first answer the methods are not known.
        const allowed: AuthenticationType[] | null = left;
        credentials.next(allowed ?? undefined).then(
          (method) => {
            if (method === undefined) return done(credentials.failure(options.host));
            wait('did not answer a login');
            next(method);
          },
          (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
        );
      },
    });
  });
}

const silence = 'accepted the connection and then said nothing';

function silent(options: SessionOptions, what: string): OrchError {
  const { hostname, port } = options.settings;
  return new OrchError({
    code: 'connect-timeout',
    summary: `${hostname} port ${port} ${what} within ${seconds(options.timeoutMs)}.`,
    hint: 'Is the host overloaded, or is that no sshd? A longer --timeout waits longer.',
    where: { host: options.host },
  });
}

function failure(error: Error & { level?: string }, options: SessionOptions, sawKey: boolean): Error {
  if (error instanceof OrchError) return error;
  // sshd counts refused keys (MaxAuthTries) and then hangs up.
  if (/authentication/i.test(error.message)) return options.credentials.failure(options.host);
  if (!sawKey && /before handshake|ECONNRESET|closed|EPIPE/i.test(error.message))
    return new DroppedEarly(error.message);
  const { hostname, port } = options.settings;
  return new OrchError({
    code: 'host-unreachable',
    summary: `The SSH connection to ${hostname} port ${port} failed: ${error.message}.`,
    hint: 'Try `ssh -v` to the same host.',
    where: { host: options.host },
    cause: error,
  });
}
