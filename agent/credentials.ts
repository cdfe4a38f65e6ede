import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { type ConnectionInjector, type Server, ServerCredentials } from '@grpc/grpc-js';
import { OrchError } from '../proto/errors.ts';
import { withWideWindows } from './wide-windows.ts';

/**
 * Mutual TLS 1.3 from DIR/tls: ca.pem (client CAs), agent.pem and agent.key. The files can be read again while serving,
 * because certificates live shorter than agents.
 */
export class FileCredentials extends ServerCredentials {
  private readonly folder: string;

  constructor(stateDir: string) {
    const folder = join(stateDir, 'tls');
    super({ requestCert: true, rejectUnauthorized: true }, readTls(folder));
    this.folder = folder;
  }

  /** What takes connections for a server. Throws OrchError for files that cannot be used. */
  injectorOf(server: Server): ConnectionInjector {
    return explained(this.folder, () => withWideWindows(() => server.createConnectionInjector(this)));
  }

  /** Reads the files again; what is wrong with them is thrown and the old ones stay in use. */
  reload(): void {
    const options = readTls(this.folder);
    explained(this.folder, () => createSecureContext(options));
    this.updateSecureContextOptions(options);
  }

  override _equals(other: ServerCredentials): boolean {
    return other === this;
  }
}

function readTls(folder: string): SecureContextOptions {
  return explained(folder, () => ({
    ca: readFileSync(join(folder, 'ca.pem')),
    cert: readFileSync(join(folder, 'agent.pem')),
    key: readFileSync(join(folder, 'agent.key')),
    minVersion: 'TLSv1.3',
  }));
}

function explained<T>(folder: string, use: () => T): T {
  try {
    return use();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OrchError({
      code: 'bootstrap-failed',
      summary: `The TLS files in ${folder} cannot be used: ${reason}.`,
      hint: 'ca.pem, agent.pem and agent.key are put there when orch connects over SSH.',
      cause,
    });
  }
}
