import * as z from 'zod';
import { isNetnsName } from '../ip/names.ts';
import { type DaemonSpec, daemonNames, stopSignals } from './spec.ts';

const text = z.string();

export const daemonName = text.regex(daemonNames);

/** A definition as an agent wrote it down. */
export const daemonSpecRecord: z.ZodType<DaemonSpec> = z.lazy(() =>
  z.object({
    name: daemonName,
    netns: text.refine(isNetnsName).optional(),
    argv: z.array(text).min(1),
    cwd: text.optional(),
    environment: z.record(text, text),
    runAs: text.optional(),
    restart: z.enum(['always', 'on-failure', 'never']),
    backoff: z.object({ initial: z.number(), max: z.number() }),
    giveUp: z.object({ restarts: z.int(), within: z.number() }),
    stopSignal: z.enum(stopSignals),
    stopTimeout: z.number(),
    ready: z.object({ port: z.int().optional(), log: text.optional(), seconds: z.number(), timeout: z.number() }),
    logLimit: z.int(),
  }),
);
