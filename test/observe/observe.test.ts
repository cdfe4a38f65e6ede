import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { look } from '../../agent/engine/observe/look.ts';
import { lookUp } from '../../agent/engine/observe/lookup.ts';
import { sendProbe } from '../../agent/engine/observe/probe.ts';
import type { Observing } from '../../agent/linux/ip/queries.ts';
import { OrchError } from '../../proto/errors.ts';
import { ProbeProtocol, ProbeSent_Outcome } from '../../proto/gen/orch/v1/agent.ts';

const word = z.string().default('');
const count = z.number().default(0);
const place = { netns: word, from: word, to: z.string() };

// A case: one request and what the host says to each question; then the answer, or the error. An unanswered question fails it.
const caseFile = z.strictObject({
  why: z.string().optional(),
  look: z.strictObject({ namespaces: z.array(z.string()), readings: z.array(z.string()) }).optional(),
  lookup: z
    .strictObject({
      ...place,
      ...{ iif: word, oif: word, mark: count, ipproto: word, sport: count, dport: count },
      fibmatch: z.boolean().default(false),
    })
    .optional(),
  probe: z
    .strictObject({
      ...place,
      protocol: z.enum(['ICMP', 'TCP', 'UDP', 'UNSPECIFIED']),
      ...{ port: count, size: count, count, timeoutMs: count },
    })
    .optional(),
  /** "NETNS QUESTION" to its answer; the identifier in an argv is written IDENT. */
  host: z.record(z.string(), z.unknown()).default({}),
  answer: z.unknown().optional(),
  error: z.string().optional(),
});
type Case = z.infer<typeof caseFile>;

function hostOf(answers: Case['host']): Observing {
  const said = (netns: string | undefined, question: string): unknown => {
    const key = `${netns ?? 'host'} ${question}`;
    if (key in answers) return answers[key];
    throw new Error(`the case has no answer to: ${key}`);
  };
  const text = (answer: unknown) => (answer === null ? undefined : String(answer));
  const ip: Observing['ip'] = async (args, netns) => {
    const rows = z
      .union([z.array(z.record(z.string(), z.unknown())), z.string()])
      .parse(said(netns, `ip ${args.join(' ')}`));
    if (rows === 'missing') return { rows: [], missing: true };
    if (typeof rows === 'string') throw new OrchError({ code: 'command-failed', summary: rows });
    return { rows, missing: false };
  };
  return {
    ip,
    ipAfresh: ip,
    ipText: async (args, netns) => z.string().parse(said(netns, `ip ${args.join(' ')}`)),
    sysctls: async (keys, netns) => keys.map((key) => text(answers[`${netns ?? 'host'} ${key}`] ?? null)),
    procNet: async (name, netns) => text(said(netns, `/proc/net/${name}`)),
    netnsInode: (netns) =>
      z
        .number()
        .optional()
        .parse(answers[`${netns ?? 'host'} inode`]),
    netnsNames: async () => z.array(z.string()).parse(answers['host netns']),
    readFile: async (path) => {
      const found = said(undefined, path);
      return found === null ? undefined : Buffer.from(String(found));
    },
    close: async () => undefined,
    monitor: async () => {
      throw new Error('no case follows changes');
    },
    exec: async ({ argv, netns }) => {
      const words = argv.map((word, index) => (argv[index - 1] === '-e' && /^\d+$/.test(word) ? 'IDENT' : word));
      const result = z
        .strictObject({
          status: z.number().nullable().default(0),
          stdout: z.string().default(''),
          stderr: z.string().default(''),
        })
        .parse(said(netns, words.join(' ')));
      return { timedOut: result.status === null, ...result };
    },
  };
}

function ask({ look: looked, lookup, probe, host }: Case): Promise<unknown> {
  const answering = hostOf(host);
  if (looked) return look(answering, looked);
  if (lookup) return lookUp(answering, lookup);
  if (!probe) throw new Error('the case asks nothing');
  return sendProbe(answering, { ...probe, protocol: ProbeProtocol[probe.protocol] }, new AbortController().signal);
}

/** The answer as cases write it: outcomes by name, the identifier as a word because it is random. */
function written(answer: unknown): unknown {
  const sent = z.looseObject({ outcome: z.number(), ident: z.number() }).safeParse(answer);
  if (!sent.success) return answer;
  const outcome = Object.entries(ProbeSent_Outcome).find(([, value]) => value === sent.data.outcome)?.[0];
  return { ...sent.data, outcome, ident: sent.data.ident === 0 ? 'unknown' : 'IDENT' };
}

describe.each(
  readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.yml'))
    .map((name) => [name, caseFile.parse(parse(readFileSync(join(import.meta.dirname, name), 'utf8')))] as const),
)('%s', (_name, test_) => {
  test('answers as told', async () => {
    const asked = ask(test_);
    if (test_.error === undefined) expect(written(await asked)).toEqual(test_.answer);
    else await expect(asked).rejects.toThrow(test_.error);
  });
});
