import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { execute } from '../../controller/commands/vault.ts';

/** A file to encrypt and what gives passwords, anew for each test. */
export function vaultFiles() {
  let folder = '';
  const at = (name: string) => join(folder, name);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'orch-vault-test-'));
    writeFileSync(at('pw'), 's3cretpw\n');
    writeFileSync(at('script'), '#!/bin/sh\necho other99\n', { mode: 0o700 });
    writeFileSync(at('new-client.sh'), '#!/bin/sh\n[ "$1" = --vault-id ] && echo "pw of $2"\n', { mode: 0o700 });
    writeFileSync(at('vars.yml'), 'token: abc\n');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  return {
    at,
    read: (name: string) => readFileSync(at(name), 'utf8'),
    /** `orch vault` on some of the files. */
    vault: (action: string, files: readonly string[], more: Readonly<Record<string, unknown>> = {}) =>
      execute({ action, args: files.map((file) => at(file)), 'vault-password-file': [at('pw')], ...more }),
  };
}
