import { OrchError } from '../../../proto/errors.ts';
import type { Change, Changes, FollowChanges, FollowingChanges } from '../../../proto/gen/orch/v1/agent.ts';
import { type Monitor, netlinkFamilies } from '../../linux/ip/monitor.ts';
import type { Observing } from '../../linux/ip/queries.ts';
import { asOrchError } from '../steps/diagnostic.ts';
import { ipChange, nftChange, sysctlChanges } from './change-line.ts';
import { readClock } from './clock.ts';
import { readSysctls } from './sysctls.ts';

/** How long changes are gathered before they are told, and how often kernel parameters are looked at, ms. */
const gatherMs = 100;
const sysctlMs = 1000;
/** Most changes that are told at once. */
const mostChanges = 200;

const ipArgv = ['ip', '-o', 'monitor', 'label', 'link', 'address', 'route', 'rule', 'nexthop'];
const nftArgv = ['nft', 'monitor'];

/** Takes changes to be told; false: there is no room, and they are not. */
export type TakeChanges = (changes: Changes) => boolean;

/** Follows what changes in namespaces, from one start to its close. */
export class ChangeFollower {
  private readonly host: Observing;
  private readonly monitors: Promise<Monitor | undefined>[] = [];
  private readonly timers = new Set<NodeJS.Timeout>();
  private changes: Change[] = [];
  private leftOut = 0;
  private started = false;
  private closed = false;

  constructor(host: Observing) {
    this.host = host;
  }

  /** Resolves when no change is missed any more. Throws OrchError when it was started before. */
  async start({ namespaces }: FollowChanges, take: TakeChanges): Promise<FollowingChanges> {
    if (this.started) {
      throw new OrchError({ code: 'invalid-parameter', summary: 'Changes are followed on this stream already.' });
    }
    this.started = true;
    const lacking: string[] = [];
    const { route, netfilter } = netlinkFamilies;
    await Promise.all(
      namespaces.flatMap((netns) => [
        this.monitor(netns, ipArgv, route, ipChange, lacking),
        this.monitor(netns, nftArgv, netfilter, nftChange, lacking),
        this.followSysctls(netns),
      ]),
    );
    const tell = setInterval(() => this.tell(take), gatherMs);
    this.timers.add(tell);
    return { lacking };
  }

  /** Resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.closed = true;
    for (const timer of this.timers) clearInterval(timer);
    await Promise.all(this.monitors.map(async (monitor) => (await monitor)?.close()));
  }

  private async monitor(
    netns: string,
    argv: readonly string[],
    family: number,
    read: (line: string) => Pick<Change, 'what' | 'text'> | undefined,
    lacking: string[],
  ): Promise<void> {
    const started = this.host
      .monitor(argv, family, netns || undefined, (line) => {
        const told = read(line);
        if (told !== undefined) this.add(netns, told);
      })
      .catch((error: unknown) => {
        lacking.push(`${argv[0]} in ${netns || 'the own namespace'}: ${asOrchError(error).summary}`);
        return undefined;
      });
    this.monitors.push(started);
    await started;
  }

  /** Looks again and again, each time a while after the last look was over. */
  private async followSysctls(netns: string): Promise<void> {
    const place = netns || undefined;
    const read = (): Promise<string> =>
      readSysctls({
        host: this.host,
        netns: place,
        links: async () => (await this.host.ip(['link', 'show'], place)).rows,
      });
    let before = await read();
    const again = async (): Promise<void> => {
      this.timers.delete(timer);
      const now = await read().catch(() => before);
      for (const told of sysctlChanges(before, now)) this.add(netns, told);
      before = now;
      if (!this.closed) timer = this.later(again);
    };
    let timer = this.later(again);
  }

  private later(act: () => Promise<void>): NodeJS.Timeout {
    const timer = setTimeout(() => void act(), sysctlMs);
    this.timers.add(timer);
    return timer;
  }

  private add(netns: string, told: Pick<Change, 'what' | 'text'>): void {
    if (this.changes.length < mostChanges) this.changes.push({ netns, monotonicUs: readClock().monotonicUs, ...told });
    else this.leftOut++;
  }

  private tell(take: TakeChanges): void {
    const { changes: all, leftOut } = this;
    if (all.length === 0 && leftOut === 0) return;
    this.changes = [];
    this.leftOut = take({ all, leftOut }) ? 0 : leftOut + all.length;
  }
}
