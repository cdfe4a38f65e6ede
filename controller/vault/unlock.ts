import { Keyring } from './keyring.ts';
import { readSecrets, readVaultOptions } from './secrets.ts';
import { useKeyring } from './vault.ts';

/** Reads the vault passwords that the command line and the environment name, for all that is read after. */
export async function unlock(args: Readonly<Record<string, unknown>>): Promise<void> {
  useKeyring(new Keyring(await readSecrets(readVaultOptions(args))));
}
