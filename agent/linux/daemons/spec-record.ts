import * as z from 'zod';
import { isNetnsName } from '../names.ts';
import { type DaemonSpec, stopSignals } from './spec.ts';

const text = z.string();

/** It names files of the agent's. */
export const daemonName = text.regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/);

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
