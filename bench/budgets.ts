import type { AgentFigures } from './agent-noop.ts';
import type { Comparison } from './compare.ts';
import type { LanguageFigures } from './language.ts';
import type { Timing } from './measure.ts';
import { type PlayFigures, worstOf } from './plays.ts';
import type { SimulatedFigures } from './simulated.ts';
import type { TracingFigures } from './tracing.ts';
import type { WideFigures } from './wide.ts';

/** What was measured; undefined: it could not be. */
export interface Measured {
  readonly comparison: Comparison | undefined;
  readonly plays: readonly PlayFigures[] | undefined;
  readonly help: Timing | undefined;
  readonly agent: AgentFigures | undefined;
  readonly simulated: SimulatedFigures | undefined;
  readonly long: SimulatedFigures | undefined;
  readonly language: LanguageFigures | undefined;
  readonly mesh: Timing | undefined;
  readonly wide: WideFigures | undefined;
  readonly tracing: TracingFigures | undefined;
  readonly bundleBytes: number;
}

export interface Budget {
  readonly what: string;
  readonly unit: string;
  readonly most: number;
  readonly measured: number | undefined;
}

/** All that orch promises about speed, with what was measured of it. */
export function budgets(found: Measured): readonly Budget[] {
  const { comparison, plays, simulated, long, language, wide, tracing } = found;
  const ratios = comparison?.ratios;
  const line = (what: string, unit: string, most: number, measured: number | undefined) => ({
    what,
    unit,
    most,
    measured,
  });
  return [
    line('warm run, of the script over new ssh', 'x', 0.7, ratios?.warmToNewSsh),
    line('warm run, of Ansible', 'x', 1 / 30, ratios?.warmToAnsible),
    line('five playbooks, nothing to change, of Ansible', 'x', 1 / 10, plays && worstOf(plays, 'ansibleMs')),
    line('the same, of Ansible with Mitogen', 'x', 1 / 3, plays && worstOf(plays, 'mitogenMs')),
    line('first run, beyond twice the script over new ssh', 'ms', 1000, ratios?.coldBeyondTwiceNewSshMs),
    line('agent, a task with nothing to do', 'ms', 1, found.agent?.medianMs),
    line('1,000 simulated agents x 20 tasks', 's', 10, simulated?.seconds),
    line('the same, memory of the controller', 'MB', 400, simulated?.maxRssMb),
    line('the same, time of half as many doubled', 'x', 2.2, simulated?.doublingRatio),
    line('2,000 tasks on 200 simulated agents: memory', 'MB', 300, long?.maxRssMb),
    line('the same, time of half the tasks doubled', 'x', 2.2, long?.doublingRatio),
    line('when: a == b and c in d', 'µs', 5, language?.whenUs),
    line('a template of 200 lines', 'ms', 2, language?.templateMs),
    line('an inventory of 5,000 hosts, 10,000 lines', 'ms', 1000, language?.inventoryMs),
    line('full mesh of 100 endpoints (9,900 probes)', 'ms', 2000, found.mesh?.medianMs),
    line('200 namespaces: first run, of the script', 'x', 2, wide && wide.first.medianMs / wide.script.medianMs),
    line('the same, nothing to change', 'x', 0.3, wide && wide.noop.medianMs / wide.script.medianMs),
    line('the same, run again by --watch', 'x', 0.3, wide && wide.again.medianMs / wide.script.medianMs),
    line(
      'a stream through a host where why looks on, lost',
      '%',
      5,
      tracing && Math.max(tracing.together.lossPercent, tracing.alone.lossPercent),
    ),
    line('orch --help', 'ms', 120, found.help?.medianMs),
    line('agent, from start to serving', 'ms', 200, found.agent?.start.medianMs),
    line('agent, memory when idle after a run', 'MB', 65, found.agent?.idleRssMb),
    line('agent, size of its file', 'MB', 1, found.bundleBytes / 1e6),
  ];
}

export function budgetText({ what, unit, most, measured }: Budget): string {
  const number = (value: number) => `${value.toFixed(value < 10 ? 3 : 0)} ${unit}`.padStart(11);
  const verdict = measured === undefined ? 'not measured' : measured <= most ? 'met' : 'MISSED';
  return `${what.padEnd(50)}${measured === undefined ? ' '.repeat(11) : number(measured)}  <= ${number(most)}   ${verdict}`;
}
