import { join } from 'node:path';
import { cacheDir, stateDir } from '../paths.ts';
import { type AgentPaths, agentPaths } from './agent-paths.ts';
import { type Bundle, bundlePath, loadBundle } from './bootstrap/bundle.ts';
import { Limiter } from './limiter.ts';
import { type Identity, loadIdentity } from './trust/identity.ts';

/** What a connector works with; tests put other folders and bundles in place. */
export interface ConnectorSettings {
  readonly paths: AgentPaths;
  readonly bundlePath: string;
  /** Private CA, client certificate and remembered hosts. */
  readonly stateFolder: string;
  /** Compressed Node runtimes. */
  readonly cacheFolder: string;
}

/** What all connection attempts of this process share. */
export interface Connector {
  readonly paths: AgentPaths;
  readonly recordFolder: string;
  readonly cacheFolder: string;
  /** Of the workstation's own agent: state, TLS files, log. */
  readonly localFolder: string;
  readonly bundlePath: string;
  /** Handshakes side by side: a thousand hosts must not make each other miss their deadlines. */
  readonly limiter: Limiter;
  readonly bundle: () => Promise<Bundle>;
  readonly identity: () => Promise<Identity>;
}

const handshakes = 64;
/** A host that has been silent this long uses no CPU here: its place goes to the next one. */
const patienceMs = 2_000;

export function makeConnector(settings: ConnectorSettings = defaultSettings()): Connector {
  let identity: Promise<Identity> | undefined;
  return {
    paths: settings.paths,
    recordFolder: join(settings.stateFolder, 'hosts'),
    cacheFolder: settings.cacheFolder,
    localFolder: join(settings.stateFolder, 'local'),
    bundlePath: settings.bundlePath,
    limiter: new Limiter(handshakes, patienceMs),
    bundle: () => loadBundle(settings.bundlePath),
    identity: () => {
      identity ??= loadIdentity(join(settings.stateFolder, 'ca'));
      return identity;
    },
  };
}

function defaultSettings(): ConnectorSettings {
  return {
    paths: agentPaths,
    bundlePath: bundlePath(),
    stateFolder: stateDir(),
    cacheFolder: join(cacheDir(), 'runtime'),
  };
}
