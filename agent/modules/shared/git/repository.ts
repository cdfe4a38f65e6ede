import type { ExecResult, Host } from '../../../linux/host.ts';
import type { RunContext } from '../../module.ts';
import { modeText } from '../files/mode.ts';
import type { GitParams } from './params.ts';

/** Without the passwords of URLs, as Ansible shows it. */
function shown(text: string): string {
  return text.replace(/(:\/\/[^\s/:@]*:)[^\s/]*@/g, '$1********@');
}

/** A command of git that failed, as the task's result says it. */
export class GitFailure extends Error {
  readonly result: Readonly<Record<string, unknown>>;

  constructor(message: string, argv: readonly string[], { status, stdout, stderr }: ExecResult) {
    super(shown(message));
    const [msg, cmd, out, err] = [message, argv.join(' '), stdout, stderr].map(shown);
    this.result = { msg, cmd, rc: status, stdout: out, stderr: err };
  }
}

/** Runs $1 with an umask: the program and its words follow. */
const underMask = 'umask "$1"; shift; exec "$@"';

/** A text as one word of the shell that git starts ssh(1) by. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The command that git reaches the other side by: that of the task's environment, with what the task says. */
async function sshCommand(params: GitParams, host: Host): Promise<string> {
  const { accept_hostkey, accept_newhostkey, key_file, ssh_opts } = params;
  const said = await Promise.all(
    ['GIT_SSH', 'GIT_SSH_COMMAND'].map(async (name) => {
      const command = (await host.word(`\${${name}}`)).trim();
      return command === `\${${name}}` ? '' : command;
    }),
  );
  return [
    said.find((command) => command !== '') ?? 'ssh',
    // ssh(1) takes the first value of an option: what the task says counts.
    ...(ssh_opts === undefined ? [] : [ssh_opts]),
    ...(accept_hostkey
      ? ['-o StrictHostKeyChecking=no']
      : accept_newhostkey
        ? ['-o StrictHostKeyChecking=accept-new']
        : []),
    '-o BatchMode=yes',
    ...(key_file === undefined ? [] : [`-i ${quoted(key_file)} -o IdentitiesOnly=yes`]),
  ].join(' ');
}

/** A repository of the host, and git(1) for it. */
export class Repository {
  private readonly params: GitParams;
  private readonly host: Host;
  private readonly context: RunContext;
  /** What the other side is asked by. */
  readonly url: string;
  private ssh: Promise<string> | undefined;

  constructor(params: GitParams, host: Host, context: RunContext) {
    this.params = params;
    this.host = host;
    this.context = context;
    this.url = params.repo.startsWith('/') ? `file://${params.repo}` : params.repo;
  }

  /** Whether it is there. */
  async exists(): Promise<boolean> {
    const { dest, bare } = this.params;
    return (await this.host.stat(bare ? `${dest}/config` : `${dest}/.git`)) !== undefined;
  }

  /** Any status is an answer. */
  async ask(...words: readonly string[]): Promise<ExecResult> {
    return this.run(this.argv(words));
  }

  /** What git says, without the newline at its end. Throws GitFailure, with `message` or git's own words. */
  async must(words: readonly string[], message?: string): Promise<string> {
    const argv = this.argv(words);
    const done = await this.run(argv);
    if (done.status === 0) return done.stdout.trimEnd();
    throw new GitFailure(message ?? (done.stderr.trim() || `git ended with ${done.status}`), argv, done);
  }

  /** The same without a repository: clone, ls-remote. */
  async outside(words: readonly string[]): Promise<string> {
    const argv = [this.program(), ...words];
    const done = await this.run(argv);
    if (done.status === 0) return done.stdout.trimEnd();
    throw new GitFailure(done.stderr.trim() || `git ended with ${done.status}`, argv, done);
  }

  /** Puts a new file in the place of another, but where both are the same; true where they were not. */
  async put(file: string, place: string): Promise<boolean> {
    const script = 'cmp -s "$1" "$2" && exec rm -f "$1"; mv -f "$1" "$2" && exit 3';
    const done = await this.run(['sh', '-c', script, 'sh', file, place]);
    if (done.status === 0 || done.status === 3) return done.status === 3;
    throw new GitFailure(done.stderr.trim(), ['mv', file, place], done);
  }

  head(): Promise<string> {
    return this.must(['rev-parse', 'HEAD']);
  }

  /** Files of the repository that were changed. */
  async isModified(): Promise<boolean> {
    if (this.params.bare) return false;
    const status = await this.must(['status', '--porcelain']);
    return status.split('\n').some((line) => line !== '' && !line.startsWith('??'));
  }

  async has(ref: string): Promise<boolean> {
    return (await this.ask('show-ref', '--verify', '--quiet', ref)).status === 0;
  }

  /** The branch that HEAD means: the one that is checked out, else the one that the other side has checked out. */
  async headBranch(): Promise<string | undefined> {
    const here = await this.ask('symbolic-ref', '--quiet', '--short', 'HEAD');
    if (here.status === 0) return here.stdout.trimEnd();
    const said = await this.outside(['ls-remote', '--symref', this.url, 'HEAD']);
    return /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(said)?.[1];
  }

  /** The commit that the other side has for a version; undefined: it names none, so that it may be a commit itself. */
  async remoteCommit(version = this.params.version): Promise<string | undefined> {
    const refs =
      version === 'HEAD' ? ['HEAD'] : [`refs/heads/${version}`, `refs/tags/${version}^{}`, `refs/tags/${version}`];
    const said = await this.outside(['ls-remote', this.url, ...refs]);
    const found = new Map(said.split('\n').map((line) => line.split('\t').toReversed() as [string, string]));
    return refs.map((ref) => found.get(ref)).find((commit) => commit !== undefined);
  }

  private program(): string {
    return this.params.executable ?? 'git';
  }

  private argv(words: readonly string[]): readonly string[] {
    return [this.program(), '-C', this.params.dest, ...words];
  }

  private async run(argv: readonly string[]): Promise<ExecResult> {
    const { umask } = this.params;
    const mask = typeof umask === 'number' ? modeText(umask) : umask;
    const masked = mask === undefined ? argv : ['sh', '-c', underMask, 'sh', mask, ...argv];
    this.ssh ??= sshCommand(this.params, this.host);
    const env = { LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_SSH_COMMAND: await this.ssh };
    const command = { argv: masked, env, runAs: this.host.runAs };
    return this.host.exec(command, { signal: this.context.signal, onlyReads: true });
  }
}
