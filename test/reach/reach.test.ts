import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import type { ActionContext } from '../../controller/actions/action.ts';
import { action } from '../../controller/actions/reach.ts';
import { parseCoerced } from '../../controller/playbook/values/coerce.ts';
import type { ReachCell } from '../../controller/report/types.ts';
import { fixedOrigin } from '../../controller/source/origins.ts';
import { OrchError } from '../../proto/errors.ts';

// A case: the task's parameters, the hosts and what their agents answer; then what they were asked, and the cells. Who is asked
// again is silent again, where `again` has no other answer.
const caseFile = z.strictObject({
  why: z.string().optional(),
  params: z.unknown(),
  hosts: z.array(z.string()),
  inventory: z.array(z.string()).optional(),
  variables: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  pretended: z.array(z.string()).default([]),
  answers: z.record(z.string(), z.unknown()).default({}),
  again: z.record(z.string(), z.unknown()).default({}),
  asked: z.record(z.string(), z.unknown()).optional(),
  asked_again: z.record(z.string(), z.unknown()).optional(),
  cells: z.array(z.string()).default([]),
  warnings: z.array(z.string()).default([]),
  message: z.string().optional(),
  invalid: z.array(z.string()).optional(),
  error: z.string().optional(),
});
type Case = z.infer<typeof caseFile>;

type Asked = Readonly<Record<string, unknown>>;

/** An agent's answer where nobody replies. */
function silence(params: Asked): unknown {
  const { probes } = params as { probes: { targets: string[] }[] };
  const silent = (address: string) => ({ address, observed: 'unreachable', rttMs: null, message: 'no reply' });
  return { probes: probes.map(({ targets }) => ({ targets: targets.map(silent) })) };
}

function contextOf(test: Case) {
  const asked: Record<string, Asked> = {};
  const askedAgain: Record<string, Asked> = {};
  const cells: ReachCell[] = [];
  const never = (): never => {
    throw new Error('reach has no business here');
  };
  const context: ActionContext = {
    host: test.hosts[0] ?? '',
    title: 'reach',
    keyboard: undefined,
    check: false,
    diff: false,
    verbosity: 0,
    at: { file: 'lab.yml', line: 1, column: 1 },
    signal: new AbortController().signal,
    playbookDir: '/playbooks',
    playHosts: test.hosts,
    pretended: (host) => test.pretended.includes(host),
    variable: (host, name) => {
      const value = test.variables[host]?.[name];
      if (value !== undefined) return value;
      if (name === 'inventory_hostname' && (test.inventory ?? test.hosts).includes(host)) return host;
      throw new OrchError({ code: 'undefined-variable', summary: `no ${name}` });
    },
    agentOn: async (host, module, params) => {
      expect(module).toBe('reach');
      const isAgain = host in asked;
      (isAgain ? askedAgain : asked)[host] = params;
      const answer = isAgain ? (test.again[host] ?? silence(params)) : test.answers[host];
      if (answer === 'lost') throw new Error('the agent is gone');
      return { status: 'ok', result: answer as Record<string, unknown> };
    },
    cells: (more) => {
      cells.push(...more);
    },
    evaluate: never,
    holds: never,
    located: never,
    written: never,
    render: never,
    readSource: never,
    sendSource: never,
    send: never,
    findSource: never,
    setVars: never,
    origin: fixedOrigin({ file: 'lab.yml', line: 1, column: 1 }),
    forPlugin: never,
    agent: never,
    attempt: never,
    leave: never,
    isLocal: false,
    delegate: undefined,
    isWorkstation: never,
    program: never,
    setFacts: never,
    inventory: { addHost: never, addToGroup: never },
    stats: never,
    jobs: { has: never, outcome: never, forget: never },
    say: never,
  };
  return { context, asked, askedAgain, cells };
}

function cellLine(cell: ReachCell): string {
  const message = cell.message === undefined ? '' : ` (${cell.message})`;
  return `${cell.from} -> ${cell.to} ${cell.address} ${cell.expected ?? 'any'} ${cell.observed}${message}`;
}

const cases = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.yml'));

describe('reach', () => {
  test.each(cases)('%s', async (file) => {
    const wanted = caseFile.parse(parse(readFileSync(join(import.meta.dirname, file), 'utf8')));
    const { context, asked, askedAgain, cells } = contextOf(wanted);
    const { result: parsed } = parseCoerced(action.params, wanted.params);
    if (!parsed.success) {
      const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
      const found = wanted.invalid?.map(
        (text) => issues.find((issue) => issue.startsWith(text)) ?? `not found: ${text}`,
      );
      expect(found ?? issues).toEqual(issues);
      return;
    }
    expect(wanted.invalid).toBeUndefined();
    const run = action.run(parsed.data as z.infer<typeof action.params>, context);
    if (wanted.error !== undefined) {
      await expect(run).rejects.toMatchObject({ summary: wanted.error });
      return;
    }
    const { message, warnings } = await run;
    expect(cells.map(cellLine)).toEqual(wanted.cells);
    expect(warnings).toEqual(wanted.warnings);
    if (wanted.asked !== undefined) expect(asked).toEqual(wanted.asked);
    if (wanted.asked_again !== undefined) expect(askedAgain).toEqual(wanted.asked_again);
    if (wanted.message !== undefined) expect(message).toBe(wanted.message);
  });

  test.each(action.examples)('its example is valid: %s', (example) => {
    const { reach } = parse(example) as { reach: unknown };
    expect(action.params.safeParse(reach).success).toBe(true);
  });
});
