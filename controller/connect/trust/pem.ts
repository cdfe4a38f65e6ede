import { X509Certificate } from 'node:crypto';

const block = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM text that can be read, in order, each as PEM. */
export function certificatesIn(text: string): string[] {
  return (text.match(block) ?? []).filter((pem) => parse(pem) !== undefined).map((pem) => `${pem}\n`);
}

/** Milliseconds until the certificate ends; negative: it has, or it can't be read. */
export function lifeLeftMs(pem: string): number {
  const end = parse(pem)?.validTo;
  return end === undefined ? -1 : Date.parse(end) - Date.now();
}

/** Equal for the same certificate, however its text is broken into lines. */
export function certificateId(pem: string): string | undefined {
  return parse(pem)?.fingerprint256;
}

/** The one DNS name of an agent's certificate. */
export function dnsName(pem: string): string | undefined {
  return /^DNS:([a-z0-9.-]+)$/.exec(parse(pem)?.subjectAltName ?? '')?.[1];
}

/** An agent's certificate that ends sooner is made anew. */
const renewBelowMs = 24 * 3_600_000;

/** Whether an agent may go on with a certificate: it has the agent's name, and will be valid for a while. */
export function isFresh(pem: string, agentName: string): boolean {
  return dnsName(pem) === agentName && lifeLeftMs(pem) > renewBelowMs;
}

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
