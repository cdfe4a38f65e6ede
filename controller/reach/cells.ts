import * as z from 'zod';
import { OrchError } from '../../proto/errors.ts';
import type { ReachCell } from '../report/types.ts';
import type { Question } from './questions.ts';

/** What an agent's `reach` answers; checked, because it comes from outside. */
const measured = z.object({
  probes: z.array(
    z.object({
      netns: z.string().nullish(),
      unknown: z.boolean().optional(),
      targets: z.array(
        z.object({
          address: z.string(),
          observed: z.enum(['reached', 'unreachable', 'error']),
          rttMs: z.object({ min: z.number(), avg: z.number(), max: z.number() }).nullable(),
          source: z.string().max(64).optional(),
          message: z.string().max(1000).optional(),
        }),
      ),
    }),
  ),
});

export interface Answered {
  readonly cells: readonly ReachCell[];
  /** Origins that check mode only promised: nothing can be said about their cells. */
  readonly unknown: readonly string[];
}

function cellOf(question: Question, seen: Pick<ReachCell, 'observed' | 'rttMs' | 'source' | 'message'>): ReachCell {
  const { from, to, expected, source, size } = question;
  const asked = {
    ...(source === undefined ? {} : { source, bound: true as const }),
    ...(size === undefined ? {} : { size }),
  };
  return { from: from.name, to: to.name, address: to.address, expected, ...asked, ...seen };
}

/** Cells of a host that could not be asked. */
export function errorCells(questions: readonly Question[], message: string): readonly ReachCell[] {
  return questions.map((question) => cellOf(question, { observed: 'error', rttMs: null, message }));
}

/**
 * One host's answers as cells, in the order of its questions. The answers' entries stand in the order of the origins.
 * Throws OrchError 'internal' when an agent's answer has another shape or leaves a question out.
 */
export function answeredCells(questions: readonly Question[], result: unknown): Answered {
  const parsed = measured.safeParse(result);
  if (!parsed.success) throw strangeAnswer(z.prettifyError(parsed.error));
  const origins = [...new Set(questions.map(({ from }) => from.name))];
  const cells: ReachCell[] = [];
  const unknown: string[] = [];
  for (const [index, origin] of origins.entries()) {
    const probe = parsed.data.probes[index];
    if (probe?.unknown) {
      unknown.push(origin);
      continue;
    }
    const targets = new Map(probe?.targets.map((target) => [target.address, target]));
    for (const question of questions.filter(({ from }) => from.name === origin)) {
      const target = targets.get(question.to.address);
      if (!target) throw strangeAnswer(`no answer for ${question.from.name} -> ${question.to.address}`);
      const { observed, rttMs, source, message } = target;
      cells.push(
        cellOf(question, {
          observed,
          rttMs,
          ...(source === undefined ? {} : { source }),
          ...(message === undefined ? {} : { message }),
        }),
      );
    }
  }
  return { cells, unknown };
}

function strangeAnswer(detail: string): OrchError {
  return new OrchError({ code: 'internal', summary: 'an agent answered reach in an unknown way', detail });
}
