import { clean } from '../report/clean.ts';
import { hideSecrets } from '../vault/secret-texts.ts';

/** Says what is odd, before anything is done; each once. */
export function warn(warnings: readonly string[]): void {
  for (const warning of new Set(warnings)) process.stderr.write(`[WARNING]: ${clean(hideSecrets(warning))}\n`);
}
