import { type Digest, digestOf } from '../../../proto/digest.ts';
import { OrchError } from '../../../proto/errors.ts';
import type { ActingHost } from '../../linux/acting-host.ts';
import type { DaemonState } from '../../linux/daemons/spec.ts';
import { isLarge, type LargeContent } from '../../linux/files/large-content.ts';
import type { Keep, Spool } from '../../linux/files/spool.ts';
import type {
  Asked,
  ExecOptions,
  ExecResult,
  FileState,
  FileView,
  Host,
  HostCommand,
  IpReply,
  ScratchLink,
  WebReply,
  WebRequest,
} from '../../linux/host.ts';
import type { ObjectRef } from '../../modules/module.ts';
import type { ImaginedKernel } from '../check/imagined-kernel.ts';
import type { Promises } from '../check/promises.ts';
import type { AskedTasks } from './asked-tasks.ts';
import { type PathStart, TaskPaths } from './task-paths.ts';

/** What a task adds to the host that its module sees. */
export interface TaskView extends PathStart {
  readonly promises: Promises;
  /** In check mode: what the tasks before would have made of the kernel's things. */
  readonly kernel?: ImaginedKernel | undefined;
  /** The host's files; in check mode with what the tasks before would have made of them. */
  readonly files: FileView;
  readonly asked: AskedTasks;
  readonly spool: Pick<Spool, 'keep' | 'fileWith'>;
  /** Has the workstation send a content. */
  readonly bring: (id: string, take: Keep) => ReturnType<Keep>;
  readonly owns: (object: string) => boolean;
}

/** The host as one task sees it. Only queries: changes go through the engine. */
export class TaskHost implements Host {
  private readonly host: ActingHost;
  private readonly view: TaskView;
  private readonly paths: TaskPaths;
  /** Paths of contents that came apart from the task. */
  private readonly arrived = new Map<string, Promise<string>>();

  constructor(host: ActingHost, view: TaskView) {
    this.host = host;
    this.view = view;
    this.paths = new TaskPaths(host, view);
  }

  get runAs(): string | undefined {
    return this.view.runAs;
  }

  promised(ref: ObjectRef): boolean {
    return this.view.promises.has(ref);
  }

  asked(name?: string): readonly Asked[] {
    return name === undefined ? this.view.asked.all : this.view.asked.named(name);
  }

  owns(object: string): boolean {
    return this.view.owns(object);
  }

  async ip(args: readonly string[], netns?: string): Promise<IpReply> {
    const ask: Host['ip'] = (...asked) => this.host.ip(...asked);
    return this.view.kernel?.ip(ask, args, netns) ?? ask(args, netns);
  }

  async sysctl(key: string, netns?: string): Promise<string | undefined> {
    const ask: Host['sysctl'] = (...asked) => this.host.sysctl(...asked);
    return this.view.kernel?.sysctl(ask, key, netns) ?? ask(key, netns);
  }

  async netnsNames(): Promise<readonly string[]> {
    const present = await this.host.netnsNames();
    return this.view.kernel?.netnsNames(present) ?? present;
  }

  async exec(command: HostCommand, options?: ExecOptions): Promise<ExecResult> {
    const cwd = command.cwd ?? (await this.paths.folder());
    const ask = (asked: HostCommand) =>
      this.host.exec({ ...asked, cwd, env: { ...this.view.environment, ...asked.env } }, options);
    return options?.onlyReads === true && this.view.kernel ? this.view.kernel.exec(ask, command) : ask(command);
  }

  scratch(links: readonly ScratchLink[], command: HostCommand): Promise<ExecResult> {
    return this.host.scratch(links, command);
  }

  async web(request: WebRequest): Promise<WebReply> {
    const keep: Keep = (chunks) => this.view.spool.keep(chunks);
    if (request.direct) return this.host.web(request, keep);
    const own = await this.host.environment(this.view.runAs);
    return this.host.web({ ...request, proxies: { ...own, ...this.view.environment } }, keep);
  }

  async fileWith(content: Buffer | LargeContent): Promise<string> {
    if (!isLarge(content)) return this.view.spool.fileWith(content);
    if ('file' in content.at) return content.at.file;
    const { apart } = content.at;
    const known = this.arrived.get(apart) ?? this.bring(apart, content);
    this.arrived.set(apart, known);
    return known;
  }

  private async bring(apart: string, { sums }: LargeContent): Promise<string> {
    const kept = await this.view.bring(apart, (chunks) => this.view.spool.keep(chunks));
    const whole = isLarge(kept) ? kept.sums.sha256 : (await digestOf([kept], ['sha256'])).sums.sha256;
    if (whole === sums.sha256) return this.fileWith(kept);
    throw new OrchError({ code: 'task-failed', summary: 'The source was changed while it was sent.' });
  }

  readFile(path: string, limit?: number): Promise<Buffer | undefined> {
    return this.view.files.readFile(path, limit);
  }

  readPiece(path: string, from: number, bytes: number): Promise<Buffer | undefined> {
    return this.view.files.readPiece(path, from, bytes);
  }

  digest<A extends string>(path: string, algorithms: readonly A[]): Promise<Digest<A> | undefined> {
    return this.view.files.digest(path, algorithms);
  }

  stat(path: string): Promise<FileState | undefined> {
    return this.view.files.stat(path);
  }

  readDir(path: string): Promise<readonly string[] | undefined> {
    return this.view.files.readDir(path);
  }

  async user(name: string): Promise<{ uid: number; gid: number; home: string } | undefined> {
    const known = await this.host.user(name);
    if (known !== undefined) return known;
    const uid = this.view.promises.idOf('user', name);
    if (uid === undefined) return undefined;
    return { uid, gid: this.view.promises.idOf('group', name) ?? uid, home: `/home/${name}` };
  }

  async group(name: string): Promise<number | undefined> {
    return (await this.host.group(name)) ?? this.view.promises.idOf('group', name);
  }

  absolute(path: string): Promise<string> {
    return this.paths.absolute(path);
  }

  expanded(path: string): Promise<string> {
    return this.paths.expanded(path);
  }

  word(word: string): Promise<string> {
    return this.paths.word(word);
  }

  daemon(name: string, netns?: string): Promise<DaemonState | undefined> {
    return this.host.daemon(name, netns);
  }
}
