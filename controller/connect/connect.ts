import { log } from '../log.ts';
import { type ConnectorSettings, makeConnector } from './connector.ts';
import { interrupted } from './deadline.ts';
import { connectLocal, isOwn } from './local.ts';
import { sshSettings } from './ssh/ssh-settings.ts';
import type { AgentConnection, Connect } from './types.ts';
import { connectWarm } from './warm.ts';

/** For -vvv; nothing in it is secret. */
function logged(connection: AgentConnection): AgentConnection {
  const { host, transport, warm, hello } = connection;
  const { version, bundle, pid, kernel, node } = hello;
  log.debug(`${host}: agent reached`, { transport, warm, version, bundle: bundle.slice(0, 12), pid, kernel, node });
  return connection;
}

/** A Connect of its own: own limiter, jump hosts and identity. */
export function createConnect(settings?: ConnectorSettings): Connect {
  const connector = makeConnector(settings);
  // Loaded when it is needed: a warm run needs no SSH.
  let cold: Promise<Connect> | undefined;
  return async (target, signal) => {
    if (isOwn(target)) return logged(await connectLocal(connector, target, signal));
    const warm = await connectWarm(connector, target);
    if (signal.aborted) {
      await warm?.close();
      throw interrupted();
    }
    if (warm) return logged(warm);
    const { name, address, port, user, transport } = target;
    log.debug(`${name}: no agent to be reached directly, going by SSH`, { address, port, user, transport });
    // The dialer asks the same: the answer comes while what it is made of is loaded.
    connector.limiter.run(() => sshSettings(target, target.timeoutMs)).catch(() => {});
    cold ??= import('./cold.ts').then(({ makeCold }) => makeCold(connector));
    return logged(await (await cold)(target, signal));
  };
}

let shared: Connect | undefined;

/** Opens a verified connection to a host's agent, putting the agent there first where it must. See Connect. */
export const connect: Connect = (target, signal) => {
  shared ??= createConnect();
  return shared(target, signal);
};
