import { certificateId, isFresh } from '../trust/pem.ts';
import { scriptFailed } from './bootstrap-errors.ts';
import { bootstrapBanner } from './bootstrap-script.ts';
import { type HostFacts, parseFacts } from './host-facts.ts';
import {
  type AgentState,
  type BootstrapInput,
  type Bootstrapped,
  bootstrapped,
  install,
  runtimeHere,
} from './install.ts';
import type { RootTalk } from './root-talk.ts';

/** The script waits this long for another bootstrap, saying so; a host that says so for ever is given up. */
const lockMs = 60_000;

/**
 * Reads the facts, puts what is missing, and returns once an agent of this very bundle serves.
 * Throws OrchError bootstrap-failed, become-failed, no-runtime, version-skew, unsupported-by-host, connect-timeout.
 */
export async function bootstrap(talk: RootTalk, input: BootstrapInput): Promise<Bootstrapped> {
  const facts = await readFacts(talk, input, 'change');
  const state = judge(facts, input);
  if (state.complete && facts.agent)
    return bootstrapped(facts.agent, runtimeHere(facts, input.paths), state.certificates, facts);
  return install(talk, input, facts, state);
}

/**
 * What of the host's agent is as it should be. A certificate of another name is not its own: a host that shows another host's
 * could hand on, to that host's agent, what was meant for itself.
 */
export function judge(
  facts: HostFacts,
  input: Pick<BootstrapInput, 'agentName' | 'identity' | 'bundle' | 'service'>,
): AgentState {
  const [leaf = ''] = facts.certificates;
  const fresh = isFresh(leaf, input.agentName);
  const trusted = facts.trusted.map(certificateId).includes(certificateId(input.identity.authority.certificate));
  const sameBundle = facts.agent?.bundle === input.bundle.hash;
  const service = input.service === true || facts.service;
  const complete = sameBundle && fresh && trusted && service === facts.service;
  return { complete, sameBundle, fresh, trusted, service, certificates: facts.certificates };
}

/** Begins the conversation; to `look` leaves no trace. */
export async function readFacts(
  talk: RootTalk,
  { target, paths, bundle }: Pick<BootstrapInput, 'target' | 'paths' | 'bundle'>,
  mode: 'look' | 'change',
): Promise<HostFacts> {
  await talk.begin(bootstrapBanner);
  for (const line of [paths.state, paths.run, bundle.hash, mode]) talk.send(line);
  const lines: string[] = [];
  const explain = (failed: string, stderr: string) => scriptFailed(target.name, paths.state, failed, stderr);
  const until = Date.now() + lockMs + 3 * target.timeoutMs;
  for (;;) {
    const line = await talk.answer(explain, Math.max(0, Math.min(target.timeoutMs, until - Date.now())));
    if (line === 'end') return parseFacts(lines);
    lines.push(line);
  }
}
