import { decryptVault, encryptVault, isVault, openEnvelope } from '../../vault/cipher.ts';
import { Fault } from '../fault.ts';
import { plugin, sealable } from '../plugin.ts';
import { asText, printed } from '../python/coerce.ts';
import { truth } from '../python/compare.ts';
import { Sealed } from '../python/values.ts';

/** The id that a vault has where the task names none; without a name of its own it is of format 1.1. */
const usualId = 'filter_default';

const secretOf = (secret: unknown): Buffer => Buffer.from(asText(secret, 'secret'));

function vaultOf(sealed: Sealed): string {
  if (sealed.vault === undefined) throw sealed.fault();
  return sealed.vault;
}

function unvault(text: string, secret: Buffer): string {
  if (!isVault(text)) return text;
  const envelope = openEnvelope(text);
  const plain = envelope && decryptVault(envelope, secret);
  if (plain === undefined)
    throw new Fault('Unable to decrypt.', { hint: 'the secret is another one, or the text was changed' });
  return plain.toString('utf8');
}

/** Encryption of texts by a secret that the template has. */
export const vaultFilters = {
  vault: plugin('secret, salt?, vault_id?, wrap_object?, vaultid?', (value, [secret, salt, id, wraps, oldId]) => {
    if (truth(wraps ?? false)) throw new Fault("'wrap_object' makes no text", { hint: 'leave it out' });
    const given = salt === undefined || salt === null ? undefined : Buffer.from(printed(salt));
    return encryptVault(Buffer.from(asText(value, 'value')), secretOf(secret), printed(id ?? oldId ?? usualId), given);
  }),
  unvault: sealable('secret, vault_id?, vaultid?', (value, [secret]) =>
    unvault(value instanceof Sealed ? vaultOf(value) : asText(value, 'value'), secretOf(secret)),
  ),
};
