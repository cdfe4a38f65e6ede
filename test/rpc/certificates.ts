import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChannelCredentials } from '@grpc/grpc-js';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

interface Signed {
  readonly cert: string;
  readonly key: string;
}

async function pem(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = Buffer.from(await crypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${bytes.replace(/(.{64})/g, '$1\n')}\n-----END PRIVATE KEY-----\n`;
}

/** A private CA and what it signs, for one test. */
export class TestCa {
  readonly cert: string;
  private readonly keys: webcrypto.CryptoKeyPair;

  private constructor(cert: string, keys: webcrypto.CryptoKeyPair) {
    this.cert = cert;
    this.keys = keys;
  }

  static async make(): Promise<TestCa> {
    x509.cryptoProvider.set(crypto);
    const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const cert = await x509.X509CertificateGenerator.createSelfSigned({
      name: 'CN=test CA',
      keys,
      signingAlgorithm: algorithm,
      extensions: [new x509.BasicConstraintsExtension(true)],
    });
    return new TestCa(cert.toString('pem'), keys);
  }

  async sign(name: string): Promise<Signed> {
    const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const cert = await x509.X509CertificateGenerator.create({
      subject: `CN=${name}`,
      issuer: 'CN=test CA',
      publicKey: keys.publicKey,
      signingKey: this.keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.SubjectAlternativeNameExtension([
          { type: 'dns', value: 'localhost' },
          { type: 'ip', value: '127.0.0.1' },
        ]),
      ],
    });
    return { cert: cert.toString('pem'), key: await pem(keys.privateKey) };
  }

  /** STATE/tls as the agent expects it. */
  async writeAgentFiles(stateDir: string): Promise<void> {
    const { cert, key } = await this.sign('agent');
    const folder = join(stateDir, 'tls');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, 'ca.pem'), this.cert, { mode: 0o600 });
    writeFileSync(join(folder, 'agent.pem'), cert, { mode: 0o600 });
    writeFileSync(join(folder, 'agent.key'), key, { mode: 0o600 });
  }

  async clientCredentials(): Promise<ChannelCredentials> {
    const { cert, key } = await this.sign('controller');
    return ChannelCredentials.createSsl(Buffer.from(this.cert), Buffer.from(key), Buffer.from(cert));
  }
}
