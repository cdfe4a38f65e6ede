import { OrchError } from '../../proto/errors.ts';
import { answeredCells, errorCells } from '../reach/cells.ts';
import { type HostNames, resolveEndpoints } from '../reach/endpoints.ts';
import { type ReachParams, reachParams } from '../reach/params.ts';
import { agentParams, byHost, type Question, questionOf, questionsOf } from '../reach/questions.ts';
import { count, nameList } from '../report/format.ts';
import { isUnexpected } from '../report/run/collect.ts';
import type { ReachCell } from '../report/types.ts';
import { type ActionContext, defineAction } from './action.ts';

interface HostAnswer {
  readonly cells: readonly ReachCell[];
  readonly unknown: readonly string[];
  readonly warnings: readonly string[];
}

function hostNames(context: ActionContext): HostNames {
  const variable = (host: string, name: string): unknown => {
    try {
      return context.variable(host, name);
    } catch (error) {
      // Of all that a variable may be, only "there is none" means that the next name is tried.
      if (error instanceof OrchError && ['undefined-variable', 'unknown-host'].includes(error.code)) return undefined;
      throw error;
    }
  };
  return {
    present: context.playHosts,
    known: (host) => context.playHosts.includes(host) || variable(host, 'inventory_hostname') !== undefined,
    variable,
  };
}

/** One host's part; a host that is lost meanwhile leaves errors, so that the others' cells are still shown. */
async function askHost(
  context: ActionContext,
  params: ReachParams,
  host: string,
  questions: readonly Question[],
): Promise<HostAnswer> {
  const failed = (message: string) => ({ cells: errorCells(questions, message), unknown: [], warnings: [] });
  try {
    const answer = await context.agentOn(host, 'reach', agentParams(params, questions));
    if (answer.status === 'failed') return failed(answer.failure?.summary ?? answer.message ?? 'the agent failed');
    const warnings = (answer.warnings ?? []).map((warning) => `${host}: ${warning}`);
    return { ...answeredCells(questions, answer.result), warnings };
  } catch (error) {
    if (context.signal.aborted) throw error;
    return failed(error instanceof Error ? `${host} could not be asked: ${error.message}` : String(error));
  }
}

/**
 * Asks those once more who should have answered and were silent. Where a neighbour was looked for in vain a moment ago, all that
 * waits for it is lost when the kernel gives up, three seconds after its first question, though the neighbour is there by
 * now (arp(7), mcast_solicit); and a question that is lost is put again after a second (retrans_time_ms).
 */
async function askHostTwice(
  context: ActionContext,
  params: ReachParams,
  host: string,
  questions: readonly Question[],
): Promise<HostAnswer> {
  const first = await askHost(context, params, host, questions);
  const silent = first.cells.filter(({ expected, observed }) => expected === 'reached' && observed === 'unreachable');
  if (silent.length === 0) return first;
  const second = await askHost(context, params, host, silent.map(questionOf));
  const late = second.cells.filter(({ observed }) => observed === 'reached');
  if (late.length === 0) return first;
  const isSame = (one: ReachCell) => (other: ReachCell) => one.from === other.from && one.address === other.address;
  const names = new Set(late.map(({ from, to }) => `${from} -> ${to}`));
  return {
    ...first,
    cells: first.cells.map((cell) => late.find(isSame(cell)) ?? cell),
    warnings: [...first.warnings, `${nameList([...names])}: answered only when asked again`],
  };
}

function summary(cells: readonly ReachCell[]): string {
  const expected = cells.filter((cell) => cell.expected !== null);
  const missed = expected.filter(isUnexpected).length;
  if (expected.length === 0) return `${count(cells.length, 'cell')} measured`;
  return `${expected.length - missed} of ${count(expected.length, 'cell')} as expected`;
}

export const action = defineAction({
  name: 'reach',
  summary: 'Measures who reaches whom, from all hosts at once, and shows it as a matrix.',
  notes:
    'Hosts meet here. A cell is `reached` when one answer came, `unreachable` when none did, and `error` when the probe could not ' +
    'be sent, which meets no expectation. Who should have answered and was silent is asked once more. Cells that are not as ' +
    'expected fail no task: the run goes on and ends with exit code 3.',
  examples: [
    [
      'reach:',
      '  endpoints:',
      '    vm01: 172.16.91.10',
      '    vm02: 172.16.91.14',
      '    vm02/ns01: 172.16.91.101',
      '    gateway: 172.16.91.2',
      '  expect: reached',
      '  except:',
      '    - {from: vm02/ns01, to: vm02, expect: unreachable}',
    ].join('\n'),
    'reach:\n  to: [192.0.2.1]\n  expect: unreachable\n  count: 1',
  ],
  params: reachParams,
  barrier: true,
  run: async (params, context) => {
    const endpoints = resolveEndpoints(params, hostNames(context));
    const questions = questionsOf(params, endpoints);
    const pretended = context.playHosts.filter((host) => context.pretended(host));
    // Where check mode only promised something, silence says nothing.
    const ask = pretended.length > 0 ? askHost : askHostTwice;
    const answers = await Promise.all([...byHost(questions)].map(([host, own]) => ask(context, params, host, own)));
    const measured = answers.flatMap((answer) => answer.cells);
    const open = pretended.length === 0 ? [] : measured.filter(isUnexpected);
    const cells = measured.map((cell) => (open.includes(cell) ? { ...cell, expected: null } : cell));
    const unknown = answers.flatMap((answer) => answer.unknown);
    const warnings = [
      ...answers.flatMap((answer) => answer.warnings),
      ...(endpoints.absent.length > 0 ? [`${nameList(endpoints.absent)} takes no part here: no rows from there`] : []),
      ...(open.length > 0
        ? [`check mode: ${count(open.length, 'cell')} may change with what ${nameList(pretended)} would become`]
        : []),
      ...(unknown.length > 0 ? [`check mode: cells from ${nameList(unknown)} are unknown until it is there`] : []),
    ];
    if (cells.length > 0) context.cells(cells);
    return {
      status: cells.length > 0 ? 'ok' : 'skipped',
      message: summary(cells),
      result: { cells, unexpected: cells.filter(isUnexpected).length },
      warnings,
    };
  },
});
