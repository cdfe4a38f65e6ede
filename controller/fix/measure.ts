import { OrchError } from '../../proto/errors.ts';
import { answeredCells, errorCells } from '../reach/cells.ts';
import { agentParams, byHost, type Question, questionOf } from '../reach/questions.ts';
import type { ReachCell } from '../report/types.ts';
import type { AgentLink } from '../run/hosts/agent-link.ts';
import type { RunContext } from '../run/state.ts';

const how = { count: 3, timeout: 1, raise_neighbour_limit: false } as const;

/** Measures cells again, all hosts at once, in the run that is under way. A host that can't be asked leaves errors. */
export async function measureAgain(context: RunContext, cells: readonly ReachCell[]): Promise<readonly ReachCell[]> {
  const measured = [...byHost(cells.map(questionOf))].flatMap(([host, questions]) =>
    // One size a question to the agent.
    [...new Set(questions.map(({ size }) => size))].map((size) =>
      askHost(
        context,
        host,
        size,
        questions.filter((question) => question.size === size),
      ),
    ),
  );
  return (await Promise.all(measured)).flat();
}

async function askHost(
  context: RunContext,
  host: string,
  size: number | undefined,
  questions: readonly Question[],
): Promise<readonly ReachCell[]> {
  try {
    const params = agentParams({ ...how, size }, questions);
    return answeredCells(questions, await ask(await context.link(host), context, params)).cells;
  } catch (error) {
    if (!(error instanceof OrchError)) throw error;
    return errorCells(questions, error.summary);
  }
}

/** Rejects with OrchError. */
async function ask(link: AgentLink, context: RunContext, params: Readonly<Record<string, unknown>>): Promise<unknown> {
  const { items } = await link.run(
    {
      ...{ lane: link.host, batch: context.host(link.host).lane.batch, module: 'reach' },
      items: [{ paramsJson: JSON.stringify(params) }],
      ...{ check: false, diff: false, noLog: false, keepGoing: true, runAs: '', cwd: '', environment: {} },
      ...{ timeoutMs: 0, where: '', persist: false, ahead: false },
    },
    {},
  );
  const [item] = items;
  if (item === undefined || item.diagnostic !== undefined) {
    const summary = item?.diagnostic?.summary ?? 'The agent did not measure.';
    throw new OrchError({ code: 'task-failed', summary, where: { host: link.host } });
  }
  return JSON.parse(item.resultJson);
}
