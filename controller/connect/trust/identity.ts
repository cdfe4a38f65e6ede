import { hostname } from 'node:os';
import { join } from 'node:path';
import { OrchError } from '../../../proto/errors.ts';
import { ownUser } from '../../../proto/own-user.ts';
import { others } from '../../ownership.ts';
import type { KeyedCertificate } from './authority.ts';
import { certificatesIn, lifeLeftMs } from './pem.ts';
import { createPrivate, readPrivate, writePrivate } from './private-file.ts';

/** Who this workstation is to its agents. */
export interface Identity {
  readonly authority: KeyedCertificate;
  readonly client: KeyedCertificate;
}

/** Below this a client certificate is minted anew: half of its life. */
const renewBelowMs = 3.5 * 24 * 3_600_000;

/**
 * Reads the private CA and the client certificate in `<folder>/ca.pem` and `<folder>/client.pem` (each certificate
 * and key together, so that they change as one), and makes what is missing or about to end.
 */
export async function loadIdentity(folder: string): Promise<Identity> {
  const authority = (await readKeyed(join(folder, 'ca.pem'))) ?? (await makeAuthority(folder));
  const path = join(folder, 'client.pem');
  const client = await readKeyed(path);
  if (client && lifeLeftMs(client.certificate) > renewBelowMs) return { authority, client };
  const { mint } = await import('./authority.ts');
  const fresh = await mint(authority, 'client', 'controller.orch');
  await writePrivate(path, fresh.certificate + fresh.key);
  return { authority, client: fresh };
}

async function makeAuthority(folder: string): Promise<KeyedCertificate> {
  const { createAuthority } = await import('./authority.ts');
  const path = join(folder, 'ca.pem');
  const made = await createAuthority(`${ownUser()}@${hostname()}`);
  if (await createPrivate(path, made.certificate + made.key)) return made;
  // Another process was first.
  const other = await readKeyed(path);
  if (other === undefined) {
    throw new OrchError({
      code: 'unsafe-file',
      summary: `${path} holds no certificate with its key.`,
      hint: 'Remove it to get a new CA; hosts then learn of it over SSH.',
    });
  }
  return other;
}

async function readKeyed(path: string): Promise<KeyedCertificate | undefined> {
  const text = (await readPrivate(path, others.reading | others.writing)) ?? '';
  const [certificate] = certificatesIn(text);
  const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n/.exec(text)?.[0];
  return certificate !== undefined && key !== undefined ? { certificate, key } : undefined;
}
