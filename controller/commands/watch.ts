import { setTimeout as sleep } from 'node:timers/promises';
import type { Argv } from 'yargs';
import { OrchError } from '../../proto/errors.ts';
import { ProbeSent_Outcome as Outcome } from '../../proto/gen/orch/v1/agent.ts';
import type { Observers } from '../connect/calls/observers.ts';
import { ChangeLog } from '../reach/watch/change-log.ts';
import { keepAsking, type Tally } from '../reach/watch/keep-asking.ts';
import { type Asked, expectWay } from '../reach/why/expect-way.ts';
import { gather, probeRequest, senderOf } from '../reach/why/gather.ts';
import type { PlaceName } from '../reach/why/seen/evidence.ts';
import { placeText } from '../reach/why/seen/facts.ts';
import { whyReport } from '../reach/why/why-report.ts';
import { cleanLine } from '../report/clean.ts';
import { errorText } from '../report/error-text.ts';
import { duration, nameList } from '../report/format.ts';
import { createLiveView } from '../report/run/live.ts';
import { createStyle } from '../report/style.ts';
import { whyText } from '../report/why/verdict-text.ts';
import { changesText, tallyText } from '../report/why/watch-text.ts';
import type { Loss } from '../report/why/watch-types.ts';
import { inventoryTargets } from './inventory-targets.ts';
import { ownTerminal } from './own-terminal.ts';
import { openOn, probeOptions, readAsked } from './probe-asked.ts';
import { type Args, readSeconds } from './read-options.ts';

export function options(yargs: Argv): Argv {
  return probeOptions(yargs, 1)
    .options({
      interval: { type: 'number', default: 1, describe: 'Seconds from one probe to the next' },
      count: { alias: 'n', type: 'number', default: 0, describe: 'Probes to send; 0: until Ctrl-C' },
    })
    .epilogue(
      [
        'orch watch vm02/ns01 172.16.91.14     asks on; when no answer comes, says why and what changed just before',
        'Exit code 0: all were answered; 3: one was not; 2: a host failed; 4: wrong input.',
      ].join('\n'),
    );
}

/** Agents look at kernel parameters once a second: so long after a loss all that was before it is told. */
const noticedMs = 1300;

/** Sends probes until there were enough or Ctrl-C, and at each loss says why and what changed before. */
export async function execute(args: Args): Promise<number> {
  const targets = inventoryTargets(args);
  const asked = readAsked(args, targets);
  const intervalMs = readSeconds('--interval', args.interval, 0.1) * 1000;
  const count = Number(args.count);
  if (!(Number.isInteger(count) && count >= 0)) {
    throw new OrchError({ code: 'invalid-option', summary: '--count takes a number of probes; 0: until Ctrl-C.' });
  }
  const interrupt = new AbortController();
  const press = (): void => interrupt.abort();
  process.once('SIGINT', press);
  let observers: Observers | undefined;
  try {
    observers = await openOn(targets, asked, interrupt.signal);
    const { sent, answered } = await watch(asked, String(args.to), observers, {
      ...{ intervalMs, count },
      signal: interrupt.signal,
    });
    return answered < sent ? 3 : 0;
  } catch (error) {
    if (!(error instanceof OrchError) || error.code === 'invalid-option') throw error;
    if (interrupt.signal.aborted) return 130;
    process.stderr.write(`${errorText(error)}\n`);
    return 2;
  } finally {
    process.off('SIGINT', press);
    await observers?.close();
  }
}

interface Pace {
  readonly intervalMs: number;
  readonly count: number;
  readonly signal: AbortSignal;
}

async function watch(asked: Asked, name: string, { all }: Observers, pace: Pace): Promise<Tally> {
  const terminal = ownTerminal();
  const style = createStyle(terminal.color);
  const { to, way } = await expectWay(asked, all);
  const log = new ChangeLog();
  const beganUs = nowUs();
  await Promise.all(all.map((observer) => follow(observer, way, log)));
  const sender = senderOf(asked, all);
  const ends = { from: placeText(asked.from), to: name };
  let line = tallyText(ends, { sent: 0, answered: 0 }, undefined);
  terminal.write(
    `${cleanLine(`watching ${ends.from} -> ${name}, and what changes in ${nameList(way.map(placeText))}`)}\n`,
  );
  const live = terminal.live ? createLiveView(terminal, () => [line]) : undefined;
  const print = (text: string): void => (live === undefined ? terminal.write(text) : live.print(text));
  let tally: Tally = { sent: 0, answered: 0 };

  const explain = async (loss: Loss): Promise<void> => {
    print(`${style.bad(`no answer${loss.text === '' ? '' : ` (${cleanLine(loss.text)})`}`)}, asking why\n\n`);
    const report = whyReport(await gather(asked, all), name);
    await sleep(Math.max(0, noticedMs - (nowUs() - loss.us) / 1000));
    print(`${whyText(report, terminal.columns(), style)}\n`);
    const changes = log.since(loss.answeredUs ?? beganUs);
    print(changesText(changes, loss, log.leftOut, terminal.columns(), style));
  };
  try {
    return await keepAsking({
      ...pace,
      now: nowUs,
      probe: async () => {
        const sent = await unlessAborted(sender.sendProbe(probeRequest(asked, to)), pace.signal);
        return sent && { replied: sent.outcome === Outcome.REPLIED, text: sent.text, rttMs: sent.rttMs[0] };
      },
      told: (now, rttMs) => {
        tally = now;
        line = tallyText(ends, now, rttMs);
      },
      lost: (loss) => unlessAborted(explain(loss), pace.signal),
      back: (forUs) => print(style.good(`answered again after ${duration(forUs / 1000)}\n`)),
    });
  } finally {
    live?.end();
    terminal.write(`${tallyText(ends, tally, undefined)}\n`);
  }
}

/** Undefined where it failed because of the signal. */
async function unlessAborted<T>(going: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await going;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** Has what changes on the way told, as far as the host can. */
async function follow(observer: Observers['all'][number], way: readonly PlaceName[], log: ChangeLog): Promise<void> {
  const namespaces = way.filter(({ host }) => host === observer.host).map(({ netns }) => netns);
  if (namespaces.length === 0) return;
  const { offsetUs } = await observer.clockOffset();
  const { lacking } = await observer.followChanges({ namespaces }, (changes) =>
    log.add(observer.host, changes, offsetUs),
  );
  for (const what of lacking) process.stderr.write(`${cleanLine(`${observer.host}: changes are not seen: ${what}`)}\n`);
}
