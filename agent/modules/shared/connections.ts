import type { Host } from '../../linux/host.ts';
import { answerOf } from './programs.ts';

/** States of TCP connections, as Ansible and as ss(8) call them. */
const stateNames = {
  ESTABLISHED: 'established',
  FIN_WAIT1: 'fin-wait-1',
  FIN_WAIT2: 'fin-wait-2',
  SYN_RECV: 'syn-recv',
  SYN_SENT: 'syn-sent',
  TIME_WAIT: 'time-wait',
} as const;
type State = keyof typeof stateNames;
export const connectionStates = Object.keys(stateNames) as [State, ...State[]];

export interface Connections {
  /** Name or address of the host's own that they go to; 0.0.0.0 and :: are any. */
  readonly host: string;
  readonly port: number;
  /** Names or addresses that they don't count from. */
  readonly excluded: readonly string[];
  readonly states: readonly State[];
  readonly netns?: string | undefined;
}

/** Whether somebody is connected to a TCP port. */
export async function connected(host: Host, wanted: Connections): Promise<boolean> {
  const states = wanted.states.flatMap((state) => ['state', stateNames[state]]);
  const place = (address: string) => (address.includes(':') ? `[${address}]` : address);
  const own = ['0.0.0.0', '::'].includes(wanted.host) ? [] : ['and', 'src', place(wanted.host)];
  const others = wanted.excluded.flatMap((each) => ['and', 'not', 'dst', place(each)]);
  const argv = ['ss', '-Htn', ...states, 'sport', '=', `:${wanted.port}`, ...own, ...others];
  return (await answerOf(host, argv, { netns: wanted.netns })) !== '';
}
