import type { ActingHost } from '../../linux/acting-host.ts';
import { tcJson } from '../../modules/shared/queue/tc-json.ts';
import { type Row, rows } from '../../modules/shared/rows.ts';

/** The namespace that is read, and what several sections are made of. */
export interface Place {
  readonly host: ActingHost;
  readonly netns: string | undefined;
  /** `ip -d address show`. */
  readonly links: readonly Row[];
  /** Queueing disciplines that somebody set; asked for once. */
  setQdiscs(): Promise<readonly Row[]>;
}

export function placeOf(host: ActingHost, netns: string | undefined, links: readonly Row[]): Place {
  let qdiscs: Promise<readonly Row[]> | undefined;
  return {
    host,
    netns,
    links,
    setQdiscs: () => {
      qdiscs ??= readSetQdiscs(host, netns);
      return qdiscs;
    },
  };
}

async function readSetQdiscs(host: ActingHost, netns: string | undefined): Promise<readonly Row[]> {
  const place = netns === undefined ? [] : ['-n', netns];
  const reply = await host.exec(
    { argv: ['tc', ...place, '-j', 'qdisc', 'show'] },
    { timeoutMs: 15_000, onlyReads: true },
  );
  // Handle 0: is of those that the kernel gives a link by itself.
  return rows({ all: JSON.parse(tcJson(reply.stdout.trim() || '[]')) }, 'all').filter((row) => row.handle !== '0:');
}
