import { readdirSync } from 'node:fs';
import { OrchError } from '../../proto/errors.ts';
import { type Account, findGroup, findUser } from './accounts.ts';
import type { ActingHost } from './acting-host.ts';
import type { Action } from './action.ts';
import { applyAction } from './apply.ts';
import { CoprocessPool, netnsExists } from './coprocess-pool.ts';
import { execute, type Program } from './exec.ts';
import { fileState, folderNames, readWholeFile } from './files.ts';
import type { ExecOptions, ExecResult, FileState, HostCommand, IpReply, ScratchLink } from './host.ts';
import { parseIpReply } from './ip-reply.ts';
import { netnsDir, netnsPath, sysctlPath } from './names.ts';
import { readProc } from './netns-door.ts';
import { inScratch } from './scratch.ts';
import { applyTool } from './tools.ts';

/** This machine. */
export class LinuxHost implements ActingHost {
  private readonly pool = new CoprocessPool();
  private readonly users = new Map<string, Promise<Account | undefined>>();
  private readonly groups = new Map<string, Promise<number | undefined>>();

  async ip(args: readonly string[], netns?: string): Promise<IpReply> {
    if (netns !== undefined && !netnsExists(netns)) return { rows: [], missing: true };
    return parseIpReply(args, await this.pool.ip(args, netns));
  }

  async sysctl(key: string, netns?: string): Promise<string | undefined> {
    const path = `/proc/sys/${sysctlPath(key)}`;
    if (netns === undefined) return readProc(path)?.trimEnd();
    if (!netnsExists(netns)) return undefined;
    return (await this.pool.door(netns).read(path))?.trimEnd();
  }

  async netnsNames(): Promise<readonly string[]> {
    try {
      return readdirSync(netnsDir).sort();
    } catch {
      // The folder comes with the first `ip netns add`.
      return [];
    }
  }

  async exec(command: HostCommand, options?: ExecOptions): Promise<ExecResult> {
    try {
      return await execute(await this.program(command), options);
    } finally {
      if (!options?.onlyReads) {
        this.pool.forgetLinks();
        this.forgetAccounts();
      }
    }
  }

  scratch(links: readonly ScratchLink[], command: HostCommand): Promise<ExecResult> {
    return execute(inScratch(links, command));
  }

  readFile(path: string, limit?: number): Promise<Buffer | undefined> {
    return readWholeFile(path, limit);
  }

  stat(path: string): Promise<FileState | undefined> {
    return fileState(path);
  }

  readDir(path: string): Promise<readonly string[] | undefined> {
    return folderNames(path);
  }

  user(name: string): Promise<Account | undefined> {
    return remembered(this.users, name, findUser);
  }

  group(name: string): Promise<number | undefined> {
    return remembered(this.groups, name, findGroup);
  }

  async apply(action: Action): Promise<void> {
    if (action.op === 'exec') {
      const result = await this.exec(action.command);
      if (result.status === 0) return;
      throw new OrchError({
        code: 'command-failed',
        summary: `${action.command.argv.join(' ')} ended with ${result.status ?? 'no status'}.`,
        detail: result.stderr.slice(0, 2000),
      });
    }
    if (action.op === 'nft' || action.op === 'tc' || action.op === 'ethtool') {
      return applyTool(action, (command) => this.exec(command, { onlyReads: true }));
    }
    await applyAction(this.pool, action);
  }

  expect(namespaces: readonly string[]): void {
    this.pool.expect([undefined, ...namespaces.filter(netnsExists)]);
  }

  async release(): Promise<void> {
    this.forgetAccounts();
    await this.pool.release();
  }

  private forgetAccounts(): void {
    this.users.clear();
    this.groups.clear();
  }

  /** The command with what brings it to its namespace and user: `ip netns exec NAME setpriv ...`. */
  private async program(command: HostCommand): Promise<Program> {
    const env: NodeJS.ProcessEnv = { ...process.env };
    const prefix: string[] = [];
    if (command.runAs !== undefined && command.runAs !== 'root') {
      const account = await this.user(command.runAs);
      if (account === undefined) {
        throw new OrchError({ code: 'missing-object', summary: `The host has no user ${command.runAs}.` });
      }
      Object.assign(env, { HOME: account.home, USER: command.runAs, LOGNAME: command.runAs, SHELL: account.shell });
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
    return { argv, prefix, cwd, env: { ...env, ...command.env }, stdin };
  }
}

function remembered<T>(known: Map<string, Promise<T>>, name: string, find: (name: string) => Promise<T>): Promise<T> {
  const present = known.get(name) ?? find(name);
  known.set(name, present);
  return present;
}
