import { isDeepStrictEqual } from 'node:util';
import type { Action, Step } from '../../module.ts';
import type { ExtraPlan } from '../link/kind.ts';
import type { CommonParams } from '../link/types.ts';
import { placed } from '../place.ts';
import { type Config, configText, type Peer } from './config.ts';
import { publicKeyOf } from './keys.ts';
import { endpointText, networkTexts, type WireguardParams } from './params.ts';
import { redirectsKey, type State } from './read.ts';

type Params = CommonParams & WireguardParams;

function wantedPeer(peer: NonNullable<Params['peers']>[number], present: Config): Peer {
  const known = present.peers.find((other) => other.publicKey === peer.public_key);
  return {
    publicKey: peer.public_key,
    presharedKey: peer.preshared_key,
    endpoint: peer.endpoint === undefined ? known?.endpoint : endpointText(peer.endpoint),
    allowedIps: networkTexts(peer.allowed_ips),
    keepalive: peer.persistent_keepalive,
  };
}

/** What is there, with what the task says in its place. */
function wantedConfig(params: Params, { present, wantedKey }: State): Config {
  const peers = params.peers?.map((peer) => wantedPeer(peer, present));
  return {
    privateKey: wantedKey ?? present.privateKey,
    listenPort: params.listen_port ?? present.listenPort,
    fwmark: params.fwmark ?? present.fwmark,
    peers: peers?.sort((a, b) => (a.publicKey < b.publicKey ? -1 : 1)) ?? present.peers,
  };
}

export function syncAction({ name, netns }: CommonParams, config: Config): Action {
  return { op: 'wg', netns, dev: name, config: configText(config) };
}

/** A key of which only that it is there, or another one, may be told. */
function veiled(key: string | undefined, before: string | undefined, isAfter: boolean): string | undefined {
  if (key === undefined) return undefined;
  return isAfter && before !== undefined && before !== key ? '(secret, another one)' : '(secret)';
}

/** Without private and preshared keys. */
function view(
  params: Params,
  config: Config,
  { present, generated }: State,
  isAfter: boolean,
): Record<string, unknown> {
  const { privateKey } = config;
  const asksKey = params.private_key !== undefined || params.private_key_file !== undefined || params.generate;
  const own = privateKey === undefined ? undefined : publicKeyOf(privateKey);
  return {
    ...(asksKey ? { public_key: isAfter && generated ? '(of a key made on the host)' : own } : {}),
    ...(params.listen_port === undefined ? {} : { listen_port: config.listenPort }),
    ...(params.fwmark === undefined ? {} : { fwmark: config.fwmark }),
    ...(params.peers === undefined ? {} : { peers: config.peers.map((peer) => peerView(peer, present, isAfter)) }),
  };
}

function peerView(peer: Peer, present: Config, isAfter: boolean): Record<string, unknown> {
  const before = present.peers.find((other) => other.publicKey === peer.publicKey)?.presharedKey;
  return {
    public_key: peer.publicKey,
    preshared_key: veiled(peer.presharedKey, before, isAfter),
    endpoint: peer.endpoint,
    allowed_ips: peer.allowedIps,
    ...(peer.keepalive === 0 ? {} : { persistent_keepalive: peer.keepalive }),
  };
}

function keepKey(path: string, key: string): Step {
  const content = Buffer.from(`${key}\n`).toString('base64');
  return {
    object: `file ${path}`,
    action: { op: 'file', file: { do: 'write', path, content, mode: 0o600 } },
    undo: [{ op: 'file', file: { do: 'unlink', path } }],
  };
}

/** The kernel has done it already: the step is there for its inverse. */
function redirectsStep({ netns }: CommonParams): Step {
  const set = (value: string): Action => ({ op: 'sysctl', netns, key: redirectsKey, value });
  return {
    object: `sysctl ${netns === undefined ? '' : `${netns} `}${redirectsKey.replaceAll('/', '.')}`,
    action: set('0'),
    undo: [set('1')],
  };
}

export function planWireguard(params: Params, state: State): ExtraPlan {
  const { present, wantedKey, generated } = state;
  const wanted = wantedConfig(params, state);
  const file = params.private_key_file;
  const steps: Step[] = generated && file !== undefined && wantedKey !== undefined ? [keepKey(file, wantedKey)] : [];
  if (!isDeepStrictEqual(present, wanted)) {
    const object = `link ${placed(params.netns, params.name)}`;
    const [action, undo] = [syncAction(params, wanted), syncAction(params, present)];
    steps.push({ object, part: 'wireguard', action, undo: [undo] });
  }
  if (state.redirects) steps.push(redirectsStep(params));
  return {
    steps,
    before: view(params, present, state, false),
    after: view(params, wanted, state, true),
    // A key that check mode made is never used: its public key would be a lie.
    result: generated || wanted.privateKey === undefined ? {} : { public_key: publicKeyOf(wanted.privateKey) },
  };
}
