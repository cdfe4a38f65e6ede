import { OrchError } from '../../../proto/errors.ts';
import type { HostFacts } from './host-facts.ts';
import type { HostFile } from './host-file.ts';

/** The clock of a host may be this far behind or ahead of the certificates that are minted here. */
const behindMs = 23 * 3_600_000;
const aheadMs = 6 * 24 * 3_600_000;
/** What the file system must have left when everything is in place. */
const spareBytes = 1 << 20;

/** What a script's `fail` line means; `stderr` is what the host's tools said. */
export function scriptFailed(host: string, state: string, failed: string, stderr: string): OrchError {
  const [verb, path] = failed.split(' ');
  const fail = (summary: string, hint: string) =>
    new OrchError({ code: 'bootstrap-failed', summary, detail: stderr || undefined, hint, where: { host } });
  const full = /no space left|disk quota|cannot allocate/i.test(stderr);
  switch (verb) {
    case 'folder':
    case 'file':
      return full
        ? fail(`The disk is full: ${state}${path ? `/${path}` : ''} cannot be written.`, `Free space for ${state}.`)
        : fail(`${state}${path ? `/${path}` : ''} cannot be written.`, `Must root be able to write ${state} there?`);
    case 'hash':
      return fail(
        `What was sent to ${state} arrived damaged.`,
        'Run again; if it stays, check the disk and the network.',
      );
    case 'lock':
      return fail('Another bootstrap of this host has not ended within a minute.', 'Wait for it, then run again.');
    case 'start':
      return unfitNode(host, stderr) ?? fail('The agent did not start.', `Its log is ${state}/agent.log on the host.`);
    case 'unit':
    case 'systemd':
      return fail('systemd did not take the service.', 'See `systemctl status orch-agent` on the host.');
    case 'busy':
      return fail('The agent did not end: a run is under way.', 'Wait for that run to end.');
    default:
      return fail(`The bootstrap broke off (${failed}).`, 'Run again; `ssh HOST true` shows whether logins work.');
  }
}

/** The dynamic loader's words (ld.so(8)) about a Node that lacks a library there, or whose libraries are too old. */
function unfitNode(host: string, stderr: string): OrchError | undefined {
  const said = /loading shared libraries: ([\w.+-]+)|version `([\w.]+)' not found/.exec(stderr);
  if (said === null) return undefined;
  const [, library, version] = said;
  return new OrchError({
    code: 'no-runtime',
    summary: `The Node that was brought does not start on the host: ${library ?? version} is missing there.`,
    detail: stderr,
    hint: `Install ${library ?? 'Node 20'} on the host, or name a binary that fits with orch_node.`,
    where: { host },
  });
}

/** Undefined when certificates minted here are valid there. */
export function clockError(host: string, { clockMs }: Pick<HostFacts, 'clockMs'>): OrchError | undefined {
  const offMs = clockMs - Date.now();
  if (offMs > -behindMs && offMs < aheadMs) return undefined;
  return new OrchError({
    code: 'bootstrap-failed',
    summary: `The host's clock says ${new Date(clockMs).toISOString()}, ${Math.round(Math.abs(offMs) / 3_600_000)} h ${offMs < 0 ? 'behind' : 'ahead of'} this workstation's.`,
    hint: 'Set the clock, by `orch shell` if need be, which needs no agent: certificates would not be valid there.',
    where: { host },
  });
}

/** Undefined when the files fit. */
export function spaceError(
  host: string,
  state: string,
  facts: HostFacts,
  files: readonly HostFile[],
): OrchError | undefined {
  const needed = files.reduce((sum, file) => sum + file.bytes, spareBytes);
  if (facts.freeBytes === undefined || facts.freeBytes >= needed) return undefined;
  return new OrchError({
    code: 'bootstrap-failed',
    summary: `The disk is full: ${state} has ${size(facts.freeBytes)} left, and the agent needs ${size(needed)}.`,
    hint: `Free space in the file system of ${state}.`,
    where: { host },
  });
}

/** A run is under way on an agent that would have to be replaced. */
export function busyError(host: string, facts: HostFacts, bundle: string): OrchError {
  const other = facts.agent?.bundle !== bundle;
  return new OrchError({
    code: other ? 'version-skew' : 'bootstrap-failed',
    summary: other
      ? `The agent is another version (bundle ${facts.agent?.bundle.slice(0, 12)}, here ${bundle.slice(0, 12)}) and has a run under way.`
      : 'The agent must start again as a service, and has a run under way.',
    hint: 'Wait for that run to end; the next run then replaces the agent by itself.',
    where: { host },
  });
}

function size(bytes: number): string {
  return bytes < 10 << 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${Math.ceil(bytes / (1 << 20))} MiB`;
}
