import type { Options } from 'yargs';
import { OrchError } from '../../proto/errors.ts';
import { connect } from '../connect/connect.ts';
import { chooseMend } from '../fix/choose-mend.ts';
import { fix } from '../fix/fix.ts';
import { mendFile } from '../fix/mend-play.ts';
import { loadInventory } from '../inventory/load-inventory.ts';
import { matchHosts } from '../inventory/select-hosts.ts';
import { runsDir } from '../paths.ts';
import { findRun, lastMatrix, readRun, runNames } from '../record/read.ts';
import { createNarrator } from '../report/run/narrator.ts';
import type { Style } from '../report/style.ts';
import type { Terminal } from '../report/terminal.ts';
import type { ReachCell, RunEvent } from '../report/types.ts';
import { verdictText } from '../report/why/verdict-text.ts';
import type { FixReport, Verdict, WhyReport } from '../report/why/why-types.ts';
import { agentStreams, holder } from '../run/hosts/agents.ts';
import type { Interrupt } from '../run/hosts/interrupt.ts';
import { refuse, type SelectedInput } from '../run/input/input.ts';
import { inventorySources } from '../run/input/inventory-sources.ts';
import { type PreparedRun, prepareRun } from '../run/input/prepare.ts';
import { VarsFiles } from '../run/input/vars-files.ts';
import { connectHosts } from '../run/run-playbook.ts';
import { openSession } from '../run/session.ts';
import { type Args, readLab, readSeconds, texts } from './read-options.ts';
import { readReachOptions } from './run-options.ts';

const levels = ['certain', 'likely'] as const;
const defaultSeconds = 30;

/** Options of `orch why` about mending what it finds. */
export const fixOptions = {
  fix: {
    choices: levels,
    describe: 'Try the mend and keep it if it helps and harms no other cell; likely: of such verdicts too',
  },
  'dry-run': { type: 'boolean', describe: 'With --fix: only say what would be tried' },
  lab: { type: 'string', describe: "With --fix: the lab that the change belongs to; default: the last run's" },
  confirm: {
    type: 'number',
    describe: `With --fix: seconds after which hosts go back by themselves (default ${defaultSeconds})`,
  },
} as const satisfies Readonly<Record<string, Options>>;

/** `--fix vm01 vm02`: how sure the verdict must be may be left out, and what follows is an endpoint then. */
export function arrangeFix(args: readonly string[]): readonly string[] {
  const isLevel = (word: string | undefined) => levels.some((level) => level === word);
  return args.map((word, at) => (word === '--fix' && !isLevel(args[at + 1]) ? '--fix=certain' : word));
}

/** What of the command line a fix is about. */
export interface FixChoice {
  readonly least: (typeof levels)[number];
  readonly dryRun: boolean;
  readonly lab: string;
  readonly cells: readonly ReachCell[];
  readonly seconds: number;
}

/** Undefined: nothing is to be mended. Throws OrchError 'invalid-option'. */
export function chooseFix(args: Args): FixChoice | undefined {
  const least = levels.find((level) => level === args.fix);
  if (least === undefined) {
    const beside = (['dry-run', 'lab', 'confirm'] as const).find((name) => args[name] !== undefined);
    if (beside === undefined) return undefined;
    throw new OrchError({
      code: 'invalid-option',
      summary: `--${beside} says how --fix mends, which is not asked for.`,
      hint: `Add --fix, or leave --${beside} out.`,
    });
  }
  if (args.output !== 'text' && args.output !== 'json') {
    throw new OrchError({ code: 'invalid-option', summary: '--fix tells what it does as text or json.' });
  }
  const lab = args.lab === undefined ? lastLab() : readLab(args.lab);
  const seconds = readSeconds('--confirm', args.confirm ?? defaultSeconds, 3);
  return { least, dryRun: args.dryRun === true, lab, cells: lastMatrix(runsDir(), lab), seconds };
}

function lastLab(): string {
  const report = runNames(runsDir()).length > 0 ? readRun(runsDir(), findRun(runsDir(), 'last')) : undefined;
  if (report !== undefined) return report.lab;
  throw new OrchError({
    code: 'invalid-option',
    summary: 'No run is recorded here, so it is not known which lab the change would belong to.',
    hint: 'Name the lab with --lab, or work in the folder where it was run.',
  });
}

interface Fixing {
  readonly args: Args;
  readonly choice: FixChoice;
  readonly hosts: readonly string[];
  readonly interrupt: Interrupt;
  readonly probe: () => Promise<WhyReport>;
  /** Undefined: nothing is told while it goes on. */
  readonly terminal: Terminal | undefined;
  readonly style: Style;
}

/** Mends what a probe met. Throws OrchErrors where a host can't be reached or the lab is in other hands. */
export async function fixProbe(found: WhyReport, fixing: Fixing): Promise<FixReport> {
  const { choice, hosts } = fixing;
  const { lab, least, dryRun } = choice;
  const nothing = { dryRun, lab, mended: [], kept: false, failed: false, worse: [], compared: 0, left: found.verdicts };
  const cell = choice.cells.find(({ from, address }) => from === found.from && address === found.address);
  if (cell?.expected === 'unreachable') {
    return { ...nothing, reason: `the last run of lab ${lab} expects that there is no answer` };
  }
  const first = chooseMend(found.verdicts, least, [], lab);
  if ('reason' in first) return { ...nothing, reason: first.reason };
  if (dryRun) return { ...nothing, mended: [first.verdict], reason: 'it was a dry run' };
  // Cells of hosts that are gone from the inventory can't be measured.
  const cells = choice.cells.filter(({ from }) => hosts.includes(from.split('/')[0] ?? ''));
  return openAndFix(found, { ...fixing, choice: { ...choice, cells } }, first.host);
}

/** A run of a playbook that has no plays yet: which there will be only what is found tells. Throws OrchErrors. */
function prepareMends(args: Args, lab: string): PreparedRun {
  const { inventory, live } = loadInventory(inventorySources(texts(args.inventory)));
  const input: SelectedInput = {
    inventory,
    live,
    playbook: { file: mendFile, lab, labSaid: true, plays: [] },
    plays: [],
    extraVars: new Map(),
    varsFiles: new VarsFiles(),
    missing: [],
    warnings: [],
    grown: false,
    unmatchedLimits: [],
    chooseHosts: (pattern) => matchHosts(live.current, pattern),
  };
  const said = { check: false, diff: true, tags: [], skipTags: [], limit: undefined, verbosity: 0 };
  const errors: OrchError[] = [];
  const prepared = prepareRun(input, { ...said, forceHandlers: false, reach: readReachOptions(args) }, errors);
  refuse(errors);
  return prepared;
}

async function openAndFix(found: WhyReport, fixing: Fixing, mended: string): Promise<FixReport> {
  const { args, choice, interrupt, probe, terminal, style } = fixing;
  const { lab, cells, least, seconds } = choice;
  const { input, target, deps } = prepareMends(args, lab);
  const write = (text: string) => terminal?.write(text);
  const narrator = createNarrator({ write, style, detail: { verbosity: 0 } });
  const tellNext = (verdict: Verdict): void => {
    narrator.flush();
    write(`\nand then\n${verdictText(verdict, terminal?.columns() ?? 80, style)}\n`);
  };
  const session = openSession(lab, (event: RunEvent) => narrator.tell(event));
  const hosts = [...new Set([mended, ...cells.map(({ from }) => from.split('/')[0] ?? '')])];
  const inventory = input.inventory.source;
  session.emit({ type: 'run-start', run: session.run, lab, playbook: mendFile, inventory, hosts, check: false });
  const take = { lab, run: session.run, holder: holder(), waitMs: 0 };
  const connected = await connectHosts([], {
    ...deps(session.emit),
    emit: session.emit,
    interrupt,
    open: agentStreams(connect, target, () => [], take, seconds, session.emit),
  });
  try {
    const { isLocal } = connected.context;
    const lost = await connected.links.reach(hosts.map((host) => ({ host, local: isLocal(host, undefined) })));
    const parts = { lab, cells, least, seconds, session, interrupt, connected, target, connect, probe, tellNext };
    return await fix({ ...parts, holder: take.holder, lost }, found);
  } catch (defect) {
    connected.links.abandon();
    throw defect;
  } finally {
    narrator.flush();
  }
}
