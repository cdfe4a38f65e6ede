import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { OrchError } from '../../../proto/errors.ts';
import type { Limiter } from '../limiter.ts';
import type { Target } from '../types.ts';
import { DroppedEarly } from './dropped-early.ts';
import { hostKeyCheck } from './host-key.ts';
import { openTcp } from './open-tcp.ts';
import { proxyCommandStream } from './proxy-command.ts';
import type { SshSession } from './ssh-session.ts';
import { type SshSettings, sshSettings } from './ssh-settings.ts';

/** sshd's MaxStartups drops connections at random while too many log in: later ones get through. */
const tries = 5;
const firstPauseMs = 200;

const speakSsh = () => [import('./ssh-session.ts'), import('./ssh-auth.ts')] as const;

interface Jump {
  readonly session: Promise<SshSession>;
  users: number;
}

/** Opens SSH sessions to targets; jump hosts are connected once for all targets behind them. */
export class SshDialer {
  private readonly limiter: Limiter;
  private readonly jumps = new Map<string, Jump>();

  constructor(limiter: Limiter) {
    this.limiter = limiter;
  }

  /** Throws OrchErrors of the group "Reaching a host", see openSession. */
  async open(target: Target, signal: AbortSignal): Promise<{ session: SshSession; settings: SshSettings }> {
    try {
      const settings = await this.limiter.run(() => sshSettings(target, target.timeoutMs));
      return { session: await this.openWith(target, settings, settings.proxyJump, signal), settings };
    } catch (error) {
      throw error instanceof OrchError && error.where === undefined
        ? new OrchError({ ...error, code: error.code, summary: error.summary, where: { host: target.name } })
        : error;
    }
  }

  private async openWith(
    target: Target,
    settings: SshSettings,
    jumps: readonly string[],
    signal: AbortSignal,
  ): Promise<SshSession> {
    const jump = jumps.at(-1);
    for (let attempt = 1; ; attempt += 1) {
      const release = jump === undefined ? undefined : await this.acquire(target, jumps, signal);
      try {
        const session = await this.limiter.run(async () => {
          const { name: host, timeoutMs } = target;
          const hostKey = await hostKeyCheck(host, settings, target.unknownHostKey);
          const stream = release
            ? through(release.session, target, settings, jump)
            : (proxyCommandStream(settings) ?? openTcp(host, settings, timeoutMs, signal));
          // What speaks SSH takes as long to load as an sshd to take a connection.
          const [sock, { openSession }, { credentials }] = await Promise.all([stream, ...speakSsh()]);
          const offered = credentials(settings, target.keyFile, target.password);
          return openSession({ host, settings, hostKey, credentials: offered, timeoutMs, signal, sock });
        });
        return { ...session, close: () => closeBoth(session, release?.done) };
      } catch (error) {
        release?.done();
        if (!(error instanceof DroppedEarly)) throw error;
        if (attempt === tries) throw dropped(target, settings, error);
      }
      await sleep(firstPauseMs * 2 ** (attempt - 1) * (0.5 + Math.random()), undefined, { signal });
    }
  }

  /** The session to the last of `jumps`, shared; `done` gives it back, and the last one closes it. */
  private async acquire(target: Target, jumps: readonly string[], signal: AbortSignal) {
    const key = JSON.stringify([jumps, configFile(target.sshArgs)]);
    let jump = this.jumps.get(key);
    if (jump === undefined) {
      jump = { session: this.openJump(target, jumps, signal), users: 0 };
      this.jumps.set(key, jump);
    }
    const shared = jump;
    shared.users += 1;
    let held = true;
    const done = () => {
      if (!held) return;
      held = false;
      shared.users -= 1;
      if (shared.users > 0) return;
      this.jumps.delete(key);
      shared.session.then(
        (session) => session.close(),
        () => {},
      );
    };
    try {
      return { session: await shared.session, done };
    } catch (error) {
      done();
      throw error;
    }
  }

  private async openJump(target: Target, jumps: readonly string[], signal: AbortSignal): Promise<SshSession> {
    const spec = jumps.at(-1) ?? '';
    // As ssh does: of the target's own arguments only the configuration file holds for its jump hosts.
    const jumpTarget: Target = {
      ...target,
      ...parseJump(spec),
      name: `${target.name} (jump host ${spec})`,
      keyFile: undefined,
      password: undefined,
      sshArgs: configFile(target.sshArgs),
    };
    const settings = await sshSettings(jumpTarget, target.timeoutMs);
    const before = jumps.slice(0, -1);
    return this.openWith(jumpTarget, settings, before.length > 0 ? before : settings.proxyJump, signal);
  }
}

function closeBoth(session: SshSession, done: (() => void) | undefined): void {
  session.close();
  done?.();
}

async function through(jump: SshSession, target: Target, settings: SshSettings, spec = ''): Promise<Duplex> {
  try {
    return await jump.forward(settings.hostname, settings.port);
  } catch (error) {
    throw new OrchError({
      code: 'host-unreachable',
      summary: `Jump host ${spec} has no connection to ${settings.hostname} port ${settings.port}.`,
      detail: error instanceof Error ? error.message : String(error),
      where: { host: target.name },
    });
  }
}

function dropped(target: Target, settings: SshSettings, cause: DroppedEarly): OrchError {
  return new OrchError({
    code: 'host-unreachable',
    summary: `${settings.hostname} port ${settings.port} dropped ${tries} connections before it said anything.`,
    detail: cause.message,
    hint: 'Is it an sshd? One that is busy drops logins beyond its MaxStartups.',
    where: { host: target.name },
  });
}

function configFile(sshArgs: readonly string[]): readonly string[] {
  const at = sshArgs.indexOf('-F');
  return at >= 0 ? sshArgs.slice(at, at + 2) : sshArgs.filter((arg) => /^-F./.test(arg));
}

/** Reads `[ssh://][user@]host[:port]`, an IPv6 address in brackets. */
export function parseJump(spec: string): { address: string; user: string | undefined; port: number | undefined } {
  const parts = /^(?:ssh:\/\/)?(?:(.*)@)?(\[[^\]]*\]|[^:]*)(?::(\d+))?\/?$/.exec(spec.trim());
  const address = parts?.[2]?.replace(/^\[(.*)\]$/, '$1') ?? spec;
  return { address, user: parts?.[1] || undefined, port: parts?.[3] ? Number(parts[3]) : undefined };
}
