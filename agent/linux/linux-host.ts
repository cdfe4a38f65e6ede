import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import { ownUser } from '../../proto/own-user.ts';
import type { ActingHost } from './acting-host.ts';
import type { Action } from './action.ts';
import { applyAction } from './apply.ts';
import { Daemons } from './daemons/daemons.ts';
import type { DaemonState } from './daemons/spec.ts';
import { ownFiles } from './files/files.ts';
import type { Keep } from './files/spool.ts';
import { Glances } from './glances.ts';
import type {
  ExecOptions,
  ExecResult,
  FileView,
  HostCommand,
  IpReply,
  ScratchLink,
  WebReply,
  WebRequest,
} from './host.ts';
import { CoprocessPool, netnsExists } from './ip/coprocess-pool.ts';
import { noteInside } from './ip/inside.ts';
import { LinkNames } from './ip/link-names.ts';
import { Monitor } from './ip/monitor.ts';
import { isNetnsName, netnsPath } from './ip/names.ts';
import { netnsInode, netnsMade, type Observing, Queries, readNetnsNames } from './ip/queries.ts';
import type { Account } from './programs/accounts.ts';
import { execute } from './programs/exec.ts';
import { KnownAccounts } from './programs/known-accounts.ts';
import { Lacks } from './programs/lacks.ts';
import type { Need } from './programs/need.ts';
import type { Program } from './programs/program.ts';
import { inScratch } from './programs/scratch.ts';
import { applyTool } from './tools.ts';
import { Bpf } from './trace/bpf.ts';
import { NftTracer } from './trace/nft-tracer.ts';
import { readBtf } from './trace/read-btf.ts';
import { TraceInstance } from './trace/trace-instance.ts';
import type { Tracers } from './trace/tracers.ts';
import { FilesOfUsers } from './user-files/files-of-users.ts';
import type { UserFiles } from './user-files/user-files.ts';

/** For a program of no task: what takes a change back. */
const longestMs = 900_000;

/** This machine. */
export class LinuxHost implements ActingHost {
  readonly onlyAs = process.geteuid?.() === 0 ? undefined : ownUser();
  readonly daemons: Daemons;
  readonly stat = ownFiles.stat;
  readonly readFile = ownFiles.readFile;
  readonly readPiece = ownFiles.readPiece;
  readonly readDir = ownFiles.readDir;
  readonly digest = ownFiles.digest;
  private readonly pool = new CoprocessPool();
  private readonly queries = new Queries(this.pool);
  private readonly glances = new Glances(async () => (await this.queries.ip(['address', 'show'])).rows, readNetnsNames);
  /** Queries under way: whoever asks the same meanwhile, gets the same answer. */
  private readonly asking = new Map<string, Promise<IpReply>>();
  private readonly links = new LinkNames(async (netns) => (await this.ask(['address', 'show'], netns)).rows);
  private readonly accounts = new KnownAccounts();
  private readonly lacks = new Lacks();
  private readonly userFiles: FilesOfUsers;
  readonly netnsMade = netnsMade;
  readonly noteInside = noteInside;

  /** `daemons`: folder for what is known of supervised processes. `agent`: command that is the agent's program. */
  constructor(daemons = '/var/lib/orch/daemons', agent = ownProgram()) {
    this.userFiles = new FilesOfUsers(agent);
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    this.daemons = new Daemons({
      folder: daemons,
      boot,
      program: ({ argv, netns, cwd, environment, runAs }) =>
        this.program({ argv, netns, cwd, runAs, env: environment }),
    });
  }

  async ip(args: readonly string[], netns?: string): Promise<IpReply> {
    const seen = await this.glances.answer(args, netns);
    if (seen !== undefined) return seen;
    return (await this.links.lack(args, netns)) ? { rows: [], missing: true } : this.ask(args, netns);
  }

  private ask(args: readonly string[], netns: string | undefined): Promise<IpReply> {
    const key = JSON.stringify([netns, args]);
    const known = this.asking.get(key);
    if (known !== undefined) return known;
    const asked = this.queries.ip(args, netns).finally(() => {
      if (this.asking.get(key) === asked) this.asking.delete(key);
    });
    this.asking.set(key, asked);
    return asked;
  }

  async sysctl(key: string, netns?: string): Promise<string | undefined> {
    return this.queries.sysctl(key, netns);
  }

  /** Queries by processes of their own, which end when it is closed: those of runs go on beside them. */
  observe(): Observing & Tracers {
    const queries = new Queries(new CoprocessPool());
    return {
      ip: (args, netns) => queries.ip(args, netns),
      ipAfresh: (args, netns) => queries.ipAfresh(args, netns),
      ipText: (args, netns) => queries.ipText(args, netns),
      sysctls: (keys, netns) => queries.sysctls(keys, netns),
      procNet: (name, netns) => queries.procNet(name, netns),
      netnsInode,
      netnsNames: async () => readNetnsNames(),
      readFile: (path, most) => this.readFile(path, most),
      exec: async (command, options) => execute(await this.program(command), options),
      monitor: (argv, family, netns, take) =>
        Monitor.start({
          ...{ argv, family, take },
          program: (words) => this.program({ argv: words, netns }),
          sockets: () => queries.procNet('netlink', netns),
        }),
      openBpf: () => Bpf.open(),
      openTrace: () => TraceInstance.open(),
      readBtf,
      traceNft: (netns, matches) => NftTracer.start(netns, matches, () => queries.procNet('netlink', netns)),
      close: () => queries.pool.close(),
    };
  }

  async netnsNames(): Promise<readonly string[]> {
    return this.glances.names();
  }

  async exec(command: HostCommand, options?: ExecOptions): Promise<ExecResult> {
    if (options?.onlyReads) return execute(await this.program(command), options);
    // It may be about the users.
    if (command.runAs === undefined) await this.userFiles.close();
    try {
      this.forget();
      return await execute(await this.program(command), options);
    } finally {
      this.forget();
      this.pool.forgetLinks();
      this.links.forget();
      this.accounts.forget();
    }
  }

  scratch(links: readonly ScratchLink[], command: HostCommand): Promise<ExecResult> {
    return execute(inScratch(links, command));
  }

  async web(request: WebRequest, keep?: Keep): Promise<WebReply> {
    const { askWeb } = await import('./web/web.ts');
    return askWeb(request, keep);
  }

  async filesAs(runAs: string | undefined): Promise<FileView> {
    return (await this.filesOf(runAs)) ?? this;
  }

  /** Undefined: the agent itself has the user's rights. */
  private async filesOf(runAs: string | undefined): Promise<UserFiles | undefined> {
    const ids = await this.accounts.idsOf(runAs);
    return ids && this.userFiles.of(ids);
  }

  user(name: string): Promise<Account | undefined> {
    return this.accounts.user(name);
  }

  group(name: string): Promise<number | undefined> {
    return this.accounts.group(name);
  }

  async daemon(name: string, netns?: string): Promise<DaemonState | undefined> {
    return this.daemons.state(name, netns);
  }

  async apply(action: Action, signal?: AbortSignal): Promise<void> {
    const made = await this.quickly(action);
    this.asking.clear();
    if (made === true) return;
    this.glances.forget();
    if (action.op !== 'ip' || action.args.includes('altname')) this.links.forget();
    try {
      // What the quick way may have made is there already.
      await this.carryOut(made === 'unknown' && action.op === 'ip' ? { ...action, ifMissing: true } : action, signal);
    } finally {
      this.forget();
    }
  }

  /** As Glances.change. */
  private async quickly(action: Action): Promise<boolean | 'unknown'> {
    return action.op === 'ip' && action.netns !== undefined && this.glances.change(action.args, action.netns);
  }

  private async carryOut(action: Action, signal: AbortSignal | undefined): Promise<void> {
    switch (action.op) {
      case 'file': {
        const files = await this.filesOf(action.runAs);
        if (files !== undefined) return files.apply(action.file);
        break;
      }
      case 'exec':
        return this.applyExec(action, signal);
      case 'daemon':
        return this.daemons.set(action.daemon, action.run, signal);
      case 'daemon-remove':
        return this.daemons.remove(action.name, action.netns);
      case 'nft':
      case 'nft-rule':
      case 'tc':
      case 'bridge':
      case 'ethtool':
      case 'wg':
      case 'macsec':
        return applyTool(action, (command) => this.exec(command, { onlyReads: true }));
      case 'netns-delete':
        await this.daemons.removeIn(action.name);
    }
    await applyAction(this.pool, action);
  }

  lack(need: Need): Promise<string | undefined> {
    return this.lacks.lack(need);
  }

  expect(namespaces: readonly string[]): void {
    if (this.glances.expect(namespaces)) this.pool.expect([undefined]);
    else this.pool.expect([undefined, ...namespaces.filter((name) => isNetnsName(name) && netnsExists(name))]);
  }

  look(namespaces: readonly string[]): void {
    this.glances.look(namespaces);
  }

  forget(): void {
    this.glances.forget();
    this.asking.clear();
  }

  async release(): Promise<void> {
    this.accounts.forget();
    this.links.forget();
    this.glances.rest();
    await Promise.all([this.pool.release(), this.userFiles.close()]);
  }

  private async applyExec(
    { command, says }: Extract<Action, { op: 'exec' }>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const result = await this.exec(command, signal ? { signal } : { timeoutMs: longestMs });
    if (result.status === 0) return;
    signal?.throwIfAborted();
    const how = result.timedOut
      ? `did not end within ${longestMs / 1000} s`
      : `ended with ${result.status ?? 'no status'}`;
    const line = command.argv.join(' ');
    // "groupadd: GID '7' already exists" says more than the command and its status.
    const own = result.stderr.trim();
    const isOwn = says === undefined && own.startsWith(`${basename(command.argv[0] ?? '')}: `);
    throw new OrchError({
      code: 'command-failed',
      summary: isOwn ? own.slice(0, 2000) : `${says ?? line} ${how}.`,
      ...(isOwn ? { hint: `It was said by: ${line} (${how}).` } : {}),
      detail: result.stderr.slice(0, 2000),
    });
  }

  /** The command with what brings it to its namespace and user: `ip netns exec NAME setpriv ...`. */
  async program(command: HostCommand): Promise<Program> {
    const prefix: string[] = [];
    const account = await this.accounts.other(command.runAs);
    // An agent that is no root's acts as its own user, and needs nothing for that.
    if (account !== undefined && account.uid !== process.geteuid?.()) {
      prefix.push('setpriv', `--reuid=${account.uid}`, `--regid=${account.gid}`, '--init-groups', '--');
    }
    if (command.netns !== undefined) {
      netnsPath(command.netns);
      if (!netnsExists(command.netns)) {
        throw new OrchError({ code: 'missing-object', summary: `There is no network namespace ${command.netns}.` });
      }
      prefix.unshift('ip', 'netns', 'exec', command.netns);
    }
    const { argv, cwd, stdin } = command;
    return { argv, prefix, cwd, env: { ...(await this.environment(command.runAs)), ...command.env }, stdin };
  }

  async environment(runAs: string | undefined): Promise<NodeJS.ProcessEnv> {
    const account = await this.accounts.other(runAs);
    if (account === undefined) return process.env;
    return { ...process.env, HOME: account.home, USER: runAs, LOGNAME: runAs, SHELL: account.shell };
  }
}

/** The command that this process is, up to what it was told to do. */
function ownProgram(): readonly string[] {
  return [process.execPath, ...process.execArgv, ...process.argv.slice(1, 2)];
}
