/** What becomes of packets by a route (ip-route(8)), without nat, which kernels no longer know. */
export const routeTypes = [
  ...(['unicast', 'blackhole', 'unreachable', 'prohibit', 'throw', 'local'] as const),
  ...(['broadcast', 'anycast', 'multicast'] as const),
] as const;

/** Routes of these types have no next hop. */
export function leadsNowhere(type: string): boolean {
  return ['blackhole', 'unreachable', 'prohibit', 'throw'].includes(type);
}

/** The table that ip(8) puts routes of a type in when none is said. */
export function tableOfType(type: string): string {
  return ['local', 'broadcast', 'anycast'].includes(type) ? 'local' : 'main';
}
