import { closeSync, openSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import type { Argv } from 'yargs';
import { OrchError } from '../../proto/errors.ts';
import type { Observers } from '../connect/calls/observers.ts';
import { gather } from '../reach/why/gather.ts';
import { whyReport } from '../reach/why/why-report.ts';
import { safeJson } from '../report/clean.ts';
import { errorText } from '../report/error-text.ts';
import { createStyle, type Style } from '../report/style.ts';
import { fixText } from '../report/why/fix-text.ts';
import { whyText } from '../report/why/verdict-text.ts';
import { whyMermaid } from '../report/why/way-mermaid.ts';
import { whySvg } from '../report/why/way-svg.ts';
import type { WhyReport } from '../report/why/why-types.ts';
import { Interrupt, onInterrupt } from '../run/hosts/interrupt.ts';
import { inventoryTargets } from './inventory-targets.ts';
import { ownTerminal } from './own-terminal.ts';
import { openOn, probeOptions, readAsked } from './probe-asked.ts';
import { type Args, text } from './read-options.ts';
import { arrangeFix, chooseFix, fixOptions, fixProbe } from './why-fix.ts';

const formats = ['text', 'json', 'svg', 'mermaid'];

export function options(yargs: Argv): Argv {
  return probeOptions(yargs, 0.5)
    .options({
      record: { type: 'string', describe: 'Write what was seen to this file, as YAML' },
      ...fixOptions,
      output: { alias: 'o', choices: formats, default: 'text', describe: 'What to print' },
    })
    .epilogue(
      [
        'orch why vm02/ns01 172.16.91.14            where the packet dies, why, and what mends it',
        'orch why vm01 vm02/ns02 --proto tcp:80',
        'orch why vm02/ns01 172.16.91.14 --fix      mends it, unless that harms another cell of the last run',
        'Exit code 0: the probe arrived, maybe after a fix; 3: it did not; 2: a host failed; 4: wrong input.',
      ].join('\n'),
    );
}

export { arrangeFix as arrange };

/** Sends one probe while all hosts look on, and says where and why it fails; with --fix it mends that. */
export async function execute(args: Args): Promise<number> {
  const targets = inventoryTargets(args);
  const asked = readAsked(args, targets);
  const choice = chooseFix(args);
  const file = text(args.record);
  const record = file === undefined ? undefined : openRecord(file);
  const interrupt = new Interrupt();
  const release = choice === undefined ? pressOnce(interrupt) : onInterrupt(interrupt);
  const terminal = ownTerminal();
  const style = createStyle(terminal.color);
  const format = String(args.output);
  let observers: Observers | undefined;
  try {
    observers = await openOn(targets, asked, interrupt.signal);
    const { all } = observers;
    const look = () => gather(asked, all);
    const evidence = await look();
    if (file !== undefined) writeFileSync(file, stringify({ evidence }, { aliasDuplicateObjects: false }));
    const probe = async () => whyReport(await look(), String(args.to));
    const report = whyReport(evidence, String(args.to));
    if (choice === undefined || report.outcome === 'replied') {
      terminal.write(written(report, terminal.columns(), style, format));
      return report.outcome === 'replied' ? 0 : 3;
    }
    const shown = format === 'text' ? terminal : undefined;
    shown?.write(whyText(report, terminal.columns(), style));
    const hosts = targets.map(({ name }) => name);
    const fixed = await fixProbe(report, { args, choice, hosts, interrupt, probe, terminal: shown, style });
    terminal.write(
      shown === undefined ? `${safeJson({ ...report, fix: fixed }, 2)}\n` : fixText(fixed, terminal.columns(), style),
    );
    if (interrupt.stopping) return 130;
    return fixed.kept ? 0 : fixed.failed ? 2 : 3;
  } catch (error) {
    if (!(error instanceof OrchError) || error.code === 'invalid-option') throw error;
    if (interrupt.stopping) return 130;
    process.stderr.write(`${errorText(error)}\n`);
    return 2;
  } finally {
    release();
    if (record !== undefined) closeSync(record);
    await observers?.close();
  }
}

/** Without a fix there is nothing to bring to its end. */
function pressOnce(interrupt: Interrupt): () => void {
  const press = (): void => interrupt.press();
  process.once('SIGINT', press);
  return () => process.off('SIGINT', press);
}

function written(report: WhyReport, columns: number, style: Style, format: string): string {
  switch (format) {
    case 'json':
      return `${safeJson(report, 2)}\n`;
    case 'svg':
      return whySvg(report);
    case 'mermaid':
      return whyMermaid(report);
    default:
      return whyText(report, columns, style);
  }
}

/** Opened before anything is asked: a path that can't be written is wrong input. An earlier record stays until there is another. */
function openRecord(file: string): number {
  try {
    return openSync(file, 'a', 0o600);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new OrchError({ code: 'record-failed', summary: `${file} cannot be written.`, detail });
  }
}
