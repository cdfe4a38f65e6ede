import { OrchError } from '../../proto/errors.ts';
import { readState, type TestbedHost, type TestbedState } from './state.ts';

/**
 * The host of this name, and the testbed it is of.
 * @throws OrchError when no testbed is up, or it has no such host.
 */
export function namedHost(name: unknown): { readonly state: TestbedState; readonly host: TestbedHost } {
  const state = readState();
  if (!state) throw new OrchError({ code: 'testbed-failed', summary: 'No testbed is up.', hint: 'orch testbed up' });
  const host = state.hosts.find((each) => each.name === name);
  if (host) return { state, host };
  const known = state.hosts.map((each) => each.name).join(', ');
  const asked = typeof name === 'string' ? `The testbed has no host ${name}` : 'Name a host';
  throw new OrchError({ code: 'unknown-host', summary: `${asked}: ${known}.` });
}
