import { OrchError } from '../../../proto/errors.ts';
import { seconds } from '../deadline.ts';
import { callError } from './rpc.ts';

/** The agent said nothing to `open` for `ms`. */
export function notOpened(host: string, ms: number): OrchError {
  return new OrchError({
    code: 'connection-lost',
    summary: `The agent did not take the lab within ${seconds(ms)}.`,
    hint: 'Run again; agent.log in /var/lib/orch on the host says more.',
    where: { host },
  });
}

/** Another run has the lab there. */
export function labLocked(host: string, lab: string, holder: string): OrchError {
  return new OrchError({
    code: 'lab-locked',
    summary: `Lab ${lab} is held by ${holder}.`,
    hint: 'Wait for that run to end, or queue behind it with --wait SECONDS.',
    where: { host },
  });
}

/** A stream broke and was not taken up again. `silentMs`: for so long no try to reach the host came to an end. */
export function streamLost(host: string, cause: unknown, silentMs: number | undefined): OrchError {
  const why = callError(host, cause);
  const seen = silentMs === undefined ? undefined : `The host was not reached again within ${seconds(silentMs)}.`;
  const first = seen !== undefined ? 'Is the host up?' : cause instanceof OrchError ? cause.hint : undefined;
  return new OrchError({
    code: 'connection-lost',
    summary: 'The connection to the agent broke while the run was under way.',
    detail: [seen, why.summary, why.detail].filter(Boolean).join('\n'),
    hint: `${first ? `${first} Then run` : 'Run'} the playbook again: it takes up whatever state the host is in.`,
    where: { host },
    cause,
  });
}
