import { createHash } from 'node:crypto';
import { OrchError } from '../../proto/errors.ts';

export const releases = ['trixie', 'bookworm'] as const;
export type Release = (typeof releases)[number];

/** The seed's network: a /24 behind a gateway, with each host's address on this link. */
export const network = { prefix: '172.16.91', gateway: '172.16.91.2', link: 'ens34' } as const;

/** The port of the agent on a host. */
export const agentPort = 7411;

/**
 * What a wait on the way to a host may take, in seconds, where that is not the usual: emulated processors share this machine's
 * with whatever else it does.
 */
export const patienceSeconds = { netns: undefined, qemu: 60 } as const;

/** .10, .14, .18 ... .98 for the hosts; .101 and up are left to what labs put beside them. */
const maxHosts = 23;

export interface PlannedHost {
  readonly name: string;
  readonly address: string;
  readonly mac: string;
}

/** Tells testbeds on one machine apart: 8 hex digits of where the testbed's state is kept. */
export function testbedId(directory: string): string {
  return createHash('sha256').update(directory).digest('hex').slice(0, 8);
}

/**
 * Names and addresses of `count` hosts: vm01 .10, vm02 .14, each further one 4 higher.
 * @throws OrchError invalid-option when `count` is not 1..23.
 */
export function planHosts(count: number, id: string): readonly PlannedHost[] {
  if (!Number.isInteger(count) || count < 1 || count > maxHosts) {
    throw new OrchError({ code: 'invalid-option', summary: `--hosts takes a number from 1 to ${maxHosts}.` });
  }
  const octet = (start: number) => id.slice(start, start + 2);
  return Array.from({ length: count }, (_, index) => ({
    name: `vm${String(index + 1).padStart(2, '0')}`,
    address: `${network.prefix}.${10 + 4 * index}`,
    // 52:54:00 is what QEMU uses for its guests.
    mac: `52:54:00:${octet(0)}:${octet(2)}:${(index + 1).toString(16).padStart(2, '0')}`,
  }));
}
