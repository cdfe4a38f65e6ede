import type { ExecOptions, ExecResult, HostCommand, IpReply } from '../../../agent/linux/host.ts';
import { LinuxHost } from '../../../agent/linux/linux-host.ts';

/**
 * This machine with one named namespace. Other tests' are none of its business, and the host's own, which no state here is
 * about, is asked each question once.
 */
export class OneNetns extends LinuxHost {
  netns = '';
  private readonly answers = new Map<string, Promise<unknown>>();

  override async netnsNames(): Promise<readonly string[]> {
    return (await super.netnsNames()).filter((name) => name === this.netns);
  }

  override ip(args: readonly string[], netns?: string): Promise<IpReply> {
    const shows = netns === undefined && args.includes('show');
    return shows ? this.once(args, () => super.ip(args)) : super.ip(args, netns);
  }

  override exec(command: HostCommand, options?: ExecOptions): Promise<ExecResult> {
    const { argv, netns } = command;
    const own = netns === undefined && options?.onlyReads === true && !argv.includes('-n');
    return own ? this.once(argv, () => super.exec(command, options)) : super.exec(command, options);
  }

  private once<T>(question: readonly string[], ask: () => Promise<T>): Promise<T> {
    const key = question.join(' ');
    const answer = (this.answers.get(key) as Promise<T> | undefined) ?? ask();
    this.answers.set(key, answer);
    return answer;
  }
}
