import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { OrchError } from '../../../proto/errors.ts';
import { Coprocess } from '../ip/coprocess.ts';
import { netnsPath } from '../ip/names.ts';
import { readProc } from '../ip/netns-door.ts';

/** Said where there is nothing that could do anything with a packet. */
const noTables = 'no tables';

/** Text of nft for packets of one flow. */
export interface NftMatches {
  readonly there: string;
  readonly back: string;
  /** By what the flow's first packet was, before any translation of its addresses. */
  readonly tracked: string;
}

/** Hooks behind which a packet has the addresses that NAT gives it; chains of the own table are called so. */
export const translatedChains: readonly string[] = ['forward', 'input', 'postrouting'];

/** Said by the monitor's shell for each line that it is given, be it amid a line of the monitor's. */
const soFar = '= so far =\n';

/**
 * Constant text for sh: where there are tables, a monitor of traces, until standard input ends. It has an output of its own: nft
 * writes lines in pieces.
 */
const script = [
  'tables=$(nft list chains 2>&1) || { echo "$tables"; exit; }',
  `[ -n "$tables" ] || { echo "${noTables}"; exit; }`,
  'case $tables in *"type nat"*) nat=" nat";; esac',
  'nft monitor trace 2>&1 & monitor=$!',
  'echo "monitor $monitor$nat"',
  `while read -r _; do echo "${soFar.trim()}"; done`,
  'kill "$monitor"',
].join('\n');

/** The shell's first word. */
const begun = new RegExp(`(?:monitor (\\d+)( nat)?|${noTables})\n`);

/** How long the monitor may take to listen, and what it saw last to come out, ms. */
const listenMs = 3000;
const lookMs = 10;
const lastWordsMs = 50;

/** What nftables of one namespace do with packets that rules pick out. */
export class NftTracer {
  readonly table = `orch_why_${randomBytes(6).toString('hex')}`;
  private readonly enter: readonly string[];
  private readonly watcher: Coprocess;
  /**
   * An nft that takes commands and owns the table that they make. The kernel removes an owned table with the socket of its owner
   * (NFT_TABLE_F_OWNER, 5.12), so that nothing is left whatever becomes of this process.
   */
  private owner: Coprocess | undefined;
  private monitor: number | undefined;

  private constructor(netns: string | undefined) {
    this.enter = netns === undefined ? [] : ['ip', 'netns', 'exec', netns];
    if (netns !== undefined) netnsPath(netns);
    this.watcher = Coprocess.start([...this.enter, 'sh', '-c', script]);
  }

  /**
   * Traces packets that one of the matches fits; undefined where there are no tables to trace them in.
   * `sockets` gives /proc/net/netlink of the namespace. Throws OrchError with the tool's words when it can't.
   */
  static async start(
    netns: string | undefined,
    matches: readonly NftMatches[],
    sockets: () => Promise<string | undefined>,
  ): Promise<NftTracer | undefined> {
    const tracer = new NftTracer(netns);
    try {
      const translates = await tracer.begin();
      if (tracer.monitor === undefined) {
        await tracer.close();
        return undefined;
      }
      await tracer.own(tableText(tracer.table, matches, translates));
      await listening(tracer.monitor, sockets);
      return tracer;
    } catch (error) {
      await tracer.close();
      throw error;
    }
  }

  /** The monitor's lines so far, and whether it says that it missed some. */
  async lines(): Promise<{ readonly lines: readonly string[]; readonly lost: boolean }> {
    await sleep(lastWordsMs);
    const { text, end } = await this.watcher.ask('nft monitor', '\n', (output) => {
      const at = output.indexOf(soFar);
      return at < 0 ? undefined : at + soFar.length;
    });
    if (end !== 'answered') throw refused(text);
    // What it cuts off is no line yet.
    const lines = text.slice(0, -soFar.length).split('\n').slice(0, -1);
    // `# ERROR: We lost some netlink events!` (ENOBUFS).
    return { lines: lines.filter((line) => line.startsWith('trace id ')), lost: /^# ERROR: /m.test(text) };
  }

  async close(): Promise<void> {
    // It goes with the shell, unless that was killed for saying nothing.
    if (this.monitor !== undefined) endMonitor(this.monitor);
    await Promise.all([this.watcher.close(), this.owner?.close()]);
  }

  /** Starts the monitor, but where there are no tables; true where some translate addresses. */
  private async begin(): Promise<boolean> {
    // The monitor may be heard before its shell: of packets that other rules trace.
    const said = await this.watcher.ask('starting nft', '', (output) => {
      const first = begun.exec(output);
      return first ? first.index + first[0].length : undefined;
    });
    const [, pid, nat] = begun.exec(said.text) ?? [];
    if (said.text === `${noTables}\n`) return false;
    if (said.end !== 'answered' || pid === undefined) throw refused(said.text);
    this.monitor = Number(pid);
    return nat !== undefined;
  }

  /** Makes the table; it is there once it is shown. */
  private async own(text: string): Promise<void> {
    this.owner = Coprocess.start([...this.enter, 'sh', '-c', 'exec nft -i 2>&1']);
    // In this form only a listing has it: what nft repeats of a wrong command goes on after the brace.
    const shown = new RegExp(`^table inet ${this.table} \\{(?: #.*)?$`, 'm');
    const answer = await this.owner.ask('nft', `${text}list table inet ${this.table}\n`, (output) => {
      const at = output.search(shown);
      const end = output.indexOf('\n}\n', at);
      // Without the table, listing it is an error too.
      if (at < 0) return /^Error: .*\n.*\n.*\^/m.test(output) ? output.length : undefined;
      return end < 0 ? undefined : end + 3;
    });
    if (answer.end !== 'answered' || !shown.test(answer.text)) throw refused(answer.text);
  }
}

function endMonitor(pid: number): void {
  if (readProc(`/proc/${pid}/cmdline`) !== 'nft\0monitor\0trace\0') return;
  try {
    process.kill(pid);
  } catch {
    // It has ended meanwhile.
  }
}

/**
 * Before all other chains but those that put fragments together (NF_IP_PRI_CONNTRACK_DEFRAG, -400). Where addresses are translated,
 * and so connections are kept track of anyway, once more behind that (NF_IP_PRI_CONNTRACK, -200), and what is traced is
 * seen with its last addresses.
 */
function tableText(table: string, all: readonly NftMatches[], translates: boolean): string {
  const chain = (name: string, hook: string, priority: number, ...matches: readonly string[]) =>
    `chain ${name} { type filter hook ${hook} priority ${priority}; ${matches.map((match) => `${match} meta nftrace set 1; `).join('')}};`;
  const chains = ['prerouting', 'output'].flatMap((hook) => [
    chain(hook, hook, -350, ...all.flatMap(({ there, back }) => [there, back])),
    ...(translates ? [chain(`${hook}_tracked`, hook, -190, ...all.map(({ tracked }) => tracked))] : []),
  ]);
  if (translates) chains.push(...translatedChains.map((hook) => chain(hook, hook, 350)));
  return `table inet ${table} { flags owner; ${chains.join(' ')} };\n`;
}

/** NETLINK_NETFILTER is 12, and traces are its group 9 (linux/netlink.h, linux/netfilter/nfnetlink.h). */
async function listening(pid: number, sockets: () => Promise<string | undefined>): Promise<void> {
  const until = performance.now() + listenMs;
  while (performance.now() < until) {
    const found = new RegExp(`^\\S+ +12 +${pid} +([0-9a-f]{8}) `, 'm').exec((await sockets()) ?? '')?.[1] ?? '0';
    if ((Number.parseInt(found, 16) & (1 << 8)) !== 0) return;
    await sleep(lookMs);
  }
  throw new OrchError({ code: 'command-failed', summary: 'nft monitor does not listen.' });
}

function refused(text: string): OrchError {
  if (/nft: not found|exec: nft/.test(text))
    return new OrchError({ code: 'unsupported-by-host', summary: 'the host has no nft command' });
  const words = text.split('\n').find((line) => line.startsWith('Error: ')) ?? text.trim().split('\n')[0] ?? '';
  return new OrchError({ code: 'command-failed', summary: `nft: ${words.slice(0, 300) || 'it ended'}` });
}
