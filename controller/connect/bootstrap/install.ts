import { OrchError } from '../../../proto/errors.ts';
import type { AgentPaths } from '../agent-paths.ts';
import type { KeyedCertificate } from '../trust/authority.ts';
import type { Identity } from '../trust/identity.ts';
import { dnsName, lifeLeftMs } from '../trust/pem.ts';
import type { Target } from '../types.ts';
import { busyError, clockError, scriptFailed, spaceError } from './bootstrap-errors.ts';
import type { Bundle } from './bundle.ts';
import { type AgentInfo, type HostFacts, parseAgent } from './host-facts.ts';
import { contentFile, type HostFile, runtimeFile, sendFiles } from './host-file.ts';
import type { RootTalk } from './root-talk.ts';
import { oldestNode, runsLikeHere, runtimeFor } from './runtime.ts';
import { serviceUnit } from './service-unit.ts';

export interface BootstrapInput {
  readonly target: Target;
  /** The name that the agent's certificate must have. */
  readonly agentName: string;
  readonly paths: AgentPaths;
  readonly bundle: Bundle;
  readonly identity: Identity;
  /** A certificate of that name for the agent; made once, however often it is asked for. */
  readonly mint: () => Promise<KeyedCertificate>;
  /** Where compressed Node runtimes are kept on this side. */
  readonly cacheFolder: string;
  /** Make it a systemd service, if it is none. */
  readonly service?: boolean;
  /** Asks an agent that serves to end, unless a run is under way. */
  readonly askToStop: (agent: Bootstrapped) => Promise<'stopping' | 'busy' | 'silent'>;
}

/** An agent that serves, and how to know it. */
export interface Bootstrapped {
  readonly agent: AgentInfo;
  /** The program it may be run with. */
  readonly node: string;
  readonly authority: string;
  readonly serverName: string;
  readonly expiresMs: number;
  /** The SSH connection as the host sees it. */
  readonly way: string | undefined;
  /** What the host's clock said when this began. */
  readonly clockMs: number;
}

/** What of a host's agent is as it should be. */
export interface AgentState {
  readonly complete: boolean;
  readonly sameBundle: boolean;
  /** Its certificate has its name, is valid, and will be for a while. */
  readonly fresh: boolean;
  /** It accepts clients of this workstation. */
  readonly trusted: boolean;
  /** It shall be a systemd service. */
  readonly service: boolean;
  /** Leaf, then issuer. */
  readonly certificates: readonly string[];
}

/** CAs that an agent trusts at most; the oldest goes first. */
const trustedLimit = 16;
/** What an agent may take to end, in tenths of a second. */
const stopTenths = 110;
/** An emulated host unpacks, checks and writes no slower than this: 1 MB/s. */
const slowestBytesPerMs = 1_000;

/** Puts what is missing, ends an agent that must give way, starts the new one. */
export async function install(
  talk: RootTalk,
  input: BootstrapInput,
  facts: HostFacts,
  state: AgentState,
): Promise<Bootstrapped> {
  const { target, bundle, paths } = input;
  const host = target.name;
  if (state.service && !facts.systemd) {
    throw new OrchError({
      code: 'unsupported-by-host',
      summary: 'The host does not run systemd, which would keep the agent as a service.',
      hint: 'Runs need no service: an agent is started when it is wanted, and leaves when it is idle.',
      where: { host },
    });
  }
  const tls = await tlsFiles(input, facts, state);
  const { node, file: runtime } = await chooseNode(input, facts);
  const files = [
    ...(facts.bundlePresent ? [] : await agentFiles(bundle, facts)),
    ...tls.files,
    ...(state.service ? [await contentFile('orch-agent.service', serviceUnit(node, paths, bundle.hash))] : []),
    ...(runtime ? [runtime] : []),
  ];
  const space = spaceError(host, paths.state, facts, files);
  if (space) throw space;

  const answer = (ms?: number) => talk.answer((failed, stderr) => scriptFailed(host, paths.state, failed, stderr), ms);
  const startMs = target.timeoutMs * 3;
  const start = () => talk.send(`start ${node} ${paths.port} ${Math.ceil(startMs / 1000)}`);
  // Where nothing is to be settled before, the host need not wait for the word.
  const atOnce = facts.agent === undefined && !state.service;
  if (files.length > 0) {
    await sendFiles(talk, files);
    if (atOnce) start();
    await answer(target.timeoutMs + files.reduce((sum, { bytes }) => sum + bytes, 0) / slowestBytesPerMs);
  }
  if (facts.agent) {
    const before = bootstrapped(facts.agent, node, tls.certificates, facts);
    if (tls.files.length > 0) {
      talk.send('reload');
      await answer();
    }
    if (state.sameBundle && state.service === facts.service) return before;
    const asked = await input.askToStop(before);
    if (asked === 'busy') throw busyError(host, facts, bundle.hash);
    talk.send(`${asked === 'stopping' ? 'wait' : 'stop'} ${stopTenths}`);
    await answer(target.timeoutMs + stopTenths * 100);
  }
  if (state.service) {
    talk.send('unit');
    await answer();
  }
  if (!atOnce || files.length === 0) start();
  const agent = parseAgent((await answer(startMs + target.timeoutMs)).replace(/^agent /, ''));
  if (agent?.bundle !== bundle.hash) throw scriptFailed(host, paths.state, 'start', 'another agent answered');
  if (facts.installed) {
    talk.send(`prune ${node}`);
    await answer();
  }
  return bootstrapped(agent, node, tls.certificates, facts);
}

/** What starts it comes last: where that is, all is. */
async function agentFiles(bundle: Bundle, facts: HostFacts): Promise<readonly HostFile[]> {
  const compiled = runsLikeHere(facts) ? await bundle.compiled() : undefined;
  return [...(compiled ? [compiled] : []), ...(await bundle.files())];
}

/** The agent that serves, with what its certificates say. */
export function bootstrapped(
  agent: AgentInfo,
  node: string,
  certificates: readonly string[],
  { way, clockMs }: Pick<HostFacts, 'way' | 'clockMs'>,
): Bootstrapped {
  const [leaf = ''] = certificates;
  return {
    agent,
    node,
    authority: certificates.at(-1) ?? '',
    serverName: dnsName(leaf) ?? '',
    expiresMs: Date.now() + lifeLeftMs(leaf),
    way,
    clockMs,
  };
}

/** The Node that is there already: the host's own, or one that was brought; the wanted one otherwise fails to start. */
export function runtimeHere(facts: HostFacts, paths: AgentPaths): string {
  if (facts.node && facts.node.major >= oldestNode) return facts.node.path;
  return `${paths.state}/node/${facts.runtimes[0] ?? 'none'}/node`;
}

async function chooseNode(
  { target, paths, cacheFolder }: BootstrapInput,
  facts: HostFacts,
): Promise<{ node: string; file?: HostFile }> {
  if (facts.node && facts.node.major >= oldestNode && target.nodeBinary === undefined) return { node: facts.node.path };
  const runtime = await runtimeFor(facts, target, cacheFolder);
  const path = `node/${runtime.hash}/node`;
  const node = `${paths.state}/${path}`;
  return facts.runtimes.includes(runtime.hash) ? { node } : { node, file: runtimeFile(path, runtime) };
}

/** The agent's certificate, where it needs a new one, and the CAs it trusts, where this workstation's is not among them. */
async function tlsFiles(
  { target, mint, identity }: BootstrapInput,
  facts: HostFacts,
  state: AgentState,
): Promise<{ files: HostFile[]; certificates: readonly string[] }> {
  const files: HostFile[] = [];
  let { certificates } = state;
  const { authority } = identity;
  if (!state.fresh) {
    const clock = clockError(target.name, facts);
    if (clock) throw clock;
    const leaf = await mint();
    certificates = [leaf.certificate, authority.certificate];
    files.push(await contentFile('tls/agent.key', leaf.key));
    files.push(await contentFile('tls/agent.pem', certificates.join('')));
  }
  if (!state.trusted) {
    const others = facts.trusted.filter((pem) => lifeLeftMs(pem) > 0).slice(1 - trustedLimit);
    files.push(await contentFile('tls/ca.pem', [...others, authority.certificate].join('')));
  }
  return { files, certificates };
}
