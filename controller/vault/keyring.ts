import { OrchError } from '../../proto/errors.ts';
import { settings } from '../config/settings.ts';
import { decryptVault, soundEnvelope } from './cipher.ts';

/** A password, and the vault id that it belongs to. */
export interface VaultSecret {
  readonly id: string;
  readonly password: Buffer;
}

/** Decrypts with the passwords that are known: those of the vault's own id first, then all others. */
export class Keyring {
  readonly secrets: readonly VaultSecret[];

  constructor(secrets: readonly VaultSecret[]) {
    this.secrets = secrets;
  }

  /** The plain bytes and whose password it was. Throws OrchError without a place when no password fits. */
  open(text: string): { readonly plain: Buffer; readonly secret: VaultSecret } {
    const envelope = soundEnvelope(text);
    if (!envelope) throw vaultError('the vault is damaged, or of a version that is not known');
    if (this.secrets.length === 0) {
      throw vaultError('Attempting to decrypt but no vault secrets found', askForIt);
    }
    const { vaultIdMatch, vaultIdentity } = settings();
    const wanted = envelope.id ?? vaultIdentity;
    const own = this.secrets.filter(({ id }) => id === wanted);
    const others = vaultIdMatch ? [] : this.secrets.filter((other) => !own.includes(other));
    for (const secret of [...own, ...others]) {
      const plain = decryptVault(envelope, secret.password);
      if (plain) return { plain, secret };
    }
    const id = envelope.id === undefined ? '' : ` of the vault id '${envelope.id}'`;
    throw vaultError(`Decryption failed (no vault secrets were found that could decrypt)${id}`, askForIt);
  }
}

const askForIt = 'give it by --vault-password-file, --vault-id or --ask-vault-pass';

const vaultError = (summary: string, hint?: string): OrchError => new OrchError({ code: 'vault', summary, hint });
