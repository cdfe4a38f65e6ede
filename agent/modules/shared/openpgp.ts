import type { Host } from '../../linux/host.ts';
import { ask, taskFailed } from './programs.ts';

/** The largest answer that is taken for a key, in bytes. */
const longestKey = 4 * 1024 * 1024;

/** A key as text that gpg(1) reads, from a web server. */
export async function downloadedKey(host: Host, url: string, validateCerts: boolean): Promise<string> {
  const request = { method: 'GET', headers: {}, timeoutMs: 10_000, limit: longestKey, follow: 'all' } as const;
  const { status, reason, body } = await host.web({ ...request, url, insecure: !validateCerts });
  if (status !== 200) throw taskFailed(`Failed to download key at ${url}: HTTP Error ${status}: ${reason}`);
  return armored(body);
}

/** Binary keys in the form that goes through a text stream; the checksum may be left out (RFC 9580, section 6.1). */
function armored(body: Buffer): string {
  const text = body.toString('utf8');
  if (text.includes('-----BEGIN PGP')) return text;
  const lines = body.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PGP PUBLIC KEY BLOCK-----', '', ...lines, '-----END PGP PUBLIC KEY BLOCK-----', ''].join('\n');
}

/** GnuPG's records of the keys in a text or a file of the host, and its complaints. */
export async function keyRecords(host: Host, key: { readonly text: string } | { readonly file: string }) {
  const argv = ['gpg', '--batch', '--no-tty', '--with-colons', '--show-keys'];
  const { stdout, stderr } =
    'text' in key ? await ask(host, argv, { stdin: key.text }) : await ask(host, [...argv, '--', key.file]);
  return { records: stdout, complaints: stderr.trim() };
}

/** Field `at`, from 1, of GnuPG's records of some kinds (doc/DETAILS). */
function fieldsOf(records: string, kinds: readonly string[], at: number): readonly string[] {
  const lines = records.split('\n').map((line) => line.split(':'));
  return lines.flatMap((fields) => (kinds.includes(fields[0] ?? '') ? fields[at - 1] || [] : []));
}

/** Ids of keys and of their subkeys. */
export const idsIn = (records: string): readonly string[] => fieldsOf(records, ['pub', 'sub'], 5);

export const fingerprintsIn = (records: string): readonly string[] => fieldsOf(records, ['fpr'], 10);
