import * as z from 'zod';
import { checked, hostPath, ipCidr, secret, u32 } from '../fields.ts';
import { cidrText, formatIp, networkOf, parseCidr, parseIp } from '../ip-address.ts';
import { keyField } from './keys.ts';

const endpointPattern = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)):(\d{1,5})$/;

/** "172.16.91.14:51820" or "[fd00::14]:51820" in the kernel's spelling; undefined when it is none. */
export function endpointText(text: string): string | undefined {
  const [, v6, v4 = '', port = ''] = endpointPattern.exec(text) ?? [];
  const ip = parseIp(v6 ?? v4);
  if (ip === undefined || ip.family !== (v6 === undefined ? 4 : 6) || Number(port) < 1 || Number(port) > 65535)
    return undefined;
  return `${v6 === undefined ? formatIp(ip) : `[${formatIp(ip)}]`}:${Number(port)}`;
}

/** Networks in the kernel's spelling, sorted. */
export function networkTexts(networks: readonly string[]): string[] {
  const cidrs = networks.flatMap((network) => parseCidr(network) ?? []);
  return [...new Set(cidrs.map((cidr) => cidrText(networkOf(cidr))))].sort();
}

const peerField = z.strictObject({
  public_key: keyField.describe("The peer's public key."),
  preshared_key: secret(keyField)
    .optional()
    .describe('A key that both share besides (secret: shown nowhere); without it the peer has none.'),
  endpoint: checked((text) =>
    endpointText(text) === undefined
      ? 'is no address with port: "172.16.91.14:51820" or "[fd00::14]:51820"'
      : undefined,
  )
    .optional()
    .describe('Its address and port, until packets come from another one; without it what is known is left alone.'),
  allowed_ips: z
    .array(ipCidr)
    .max(10_000)
    .default([])
    .describe('Networks that are behind it: what may come from it, and what is sent to it.'),
  persistent_keepalive: z
    .int()
    .min(0)
    .max(65535)
    .default(0)
    .describe('Seconds after which it sends something, to keep firewalls open; 0: never.'),
});

export const wireguardFields = {
  private_key: secret(keyField).optional().describe('The private key (secret: shown nowhere).'),
  private_key_file: hostPath.optional().describe('A file of the host that holds the private key.'),
  generate: z
    .boolean()
    .default(false)
    .describe(
      'Makes a private key on the host where there is none: in private_key_file, or for the link alone. It never leaves ' +
        'the host; `public_key` of the result is for the other hosts.',
    ),
  listen_port: z.int().min(1).max(65535).optional().describe('UDP port; default: any.'),
  fwmark: u32.optional().describe('Mark by which the outer packets are routed; 0: none.'),
  peers: z.array(peerField).max(10_000).optional().describe('All its peers; without it they are left alone.'),
};

export type WireguardParams = z.infer<z.ZodObject<typeof wireguardFields>>;

/** What parameters can't mean together. */
export function wireguardProblems(params: Partial<WireguardParams>): [string, string][] {
  const found: [string, string][] = [];
  const { private_key, private_key_file, generate, peers = [] } = params;
  if (private_key !== undefined && private_key_file !== undefined)
    found.push(['private_key_file', 'there is a private_key already']);
  if (private_key !== undefined && generate) found.push(['generate', 'there is a private_key already']);
  const keys = new Set<string>();
  const owner = new Map<string, string>();
  for (const { public_key, allowed_ips } of peers) {
    if (keys.has(public_key)) found.push(['peers', `${public_key} is there twice`]);
    keys.add(public_key);
    for (const network of networkTexts(allowed_ips)) {
      if (owner.has(network))
        found.push(['peers', `${network} is behind ${owner.get(network)} and ${public_key}; only one can have it`]);
      owner.set(network, public_key);
    }
  }
  return found;
}
