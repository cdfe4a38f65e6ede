import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer as createTcpServer, type Server as NetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { credentials, type Server, ServerCredentials } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hello, openChannel } from '../../controller/connect/channel.ts';
import { createAuthority, type KeyedCertificate, mint } from '../../controller/connect/trust/authority.ts';
import { loadIdentity } from '../../controller/connect/trust/identity.ts';
import { certificatesIn, dnsName, lifeLeftMs } from '../../controller/connect/trust/pem.ts';
import { writePrivate } from '../../controller/connect/trust/private-file.ts';
import { AgentServiceClient } from '../../proto/gen/orch/v1/agent.ts';
import { helloOfFake, serveFake } from './fake-agent.ts';

const serverName = 'vm01.agent.orch';
let ours: KeyedCertificate;
let theirs: KeyedCertificate;
let client: KeyedCertificate;
const servers: Server[] = [];

beforeAll(async () => {
  [ours, theirs] = await Promise.all([createAuthority('here'), createAuthority('there')]);
  client = await mint(ours, 'client', 'controller.orch');
});
afterEach(() => {
  for (const server of servers.splice(0)) server.forceShutdown();
});

/** An agent with a certificate of `leaf`, which accepts clients of our authority. */
async function agent(leaf: KeyedCertificate): Promise<string> {
  const pair = { private_key: Buffer.from(leaf.key), cert_chain: Buffer.from(leaf.certificate) };
  const checked = ServerCredentials.createSsl(Buffer.from(ours.certificate), [pair], true);
  const { port, server } = await serveFake('127.0.0.1:0', checked);
  servers.push(server);
  return `127.0.0.1:${port}`;
}

async function greet(address: string, as: KeyedCertificate, authority = ours.certificate) {
  const channel = openChannel(address, { authority: ours, client: as }, { authority, serverName });
  try {
    return await hello(channel, '', 1_000);
  } finally {
    channel.close();
  }
}

describe('mutual TLS', () => {
  it('lets both in that know each other', async () => {
    expect(await greet(await agent(await mint(ours, 'server', serverName)), client)).toEqual(helloOfFake);
  });

  it('refuses an agent of another authority', async () => {
    const address = await agent(await mint(theirs, 'server', serverName));
    await expect(greet(address, client)).rejects.toThrow(/UNAVAILABLE.*(self-signed|issuer|verify)/s);
  });

  it('refuses an agent of another name', async () => {
    const address = await agent(await mint(ours, 'server', 'vm02.agent.orch'));
    await expect(greet(address, client)).rejects.toThrow(/UNAVAILABLE.*altnames/is);
  });

  it('refuses an agent whose certificate has ended', async () => {
    const address = await agent(await mint(ours, 'server', serverName, -1_000));
    await expect(greet(address, client)).rejects.toThrow(/UNAVAILABLE.*expired/s);
  });

  it('refuses a client of another authority, of an ended certificate, and with a host’s certificate', async () => {
    const address = await agent(await mint(ours, 'server', serverName));
    for (const wrong of [
      await mint(theirs, 'client', 'controller.orch'),
      await mint(ours, 'client', 'controller.orch', -1_000),
      await mint(ours, 'server', serverName),
    ]) {
      await expect(greet(address, wrong)).rejects.toMatchObject({ code: 14 });
    }
  });

  it('refuses a client without a certificate', async () => {
    const address = await agent(await mint(ours, 'server', serverName));
    const bare = new AgentServiceClient(address, credentials.createSsl(Buffer.from(ours.certificate)), {
      'grpc.ssl_target_name_override': serverName,
    });
    await expect(hello(bare, '', 2_000)).rejects.toMatchObject({ code: 14 });
    bare.close();
  });

  it('speaks nothing below TLS 1.3', async () => {
    const leaf = await mint(ours, 'server', serverName);
    const old = createServer({ cert: leaf.certificate, key: leaf.key, maxVersion: 'TLSv1.2' });
    old.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
    const address = old.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(greet(`127.0.0.1:${port}`, client)).rejects.toThrow(/UNAVAILABLE.*version/s);
    old.close();
  });
});

describe('the identity of a workstation', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orch-identity-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is made once, however many ask at a time, and is private', async () => {
    const several = await Promise.all([1, 2, 3].map(() => loadIdentity(join(folder, 'ca'))));
    const again = await loadIdentity(join(folder, 'ca'));
    for (const identity of several) expect(identity.authority).toEqual(again.authority);
    expect(several).toContainEqual(again);
    expect(statSync(join(folder, 'ca')).mode & 0o777).toBe(0o700);
    for (const file of ['ca.pem', 'client.pem']) expect(statSync(join(folder, 'ca', file)).mode & 0o777).toBe(0o600);
  });

  it('is refused when others can read its keys, or could change them', async () => {
    const state = join(folder, 'ca');
    await loadIdentity(state);
    for (const [path, open, closed] of [
      [join(state, 'ca.pem'), 0o640, 0o600],
      [join(state, 'client.pem'), 0o604, 0o600],
      [state, 0o770, 0o700],
    ] as const) {
      chmodSync(path, open);
      await expect(loadIdentity(state)).rejects.toMatchObject({ code: 'unsafe-file', hint: `chmod go-rwx ${path}` });
      chmodSync(path, closed);
    }
  });

  it('mints its client certificate anew when less than half of its life is left', async () => {
    const { authority } = await loadIdentity(join(folder, 'ca'));
    const old = await mint(authority, 'client', 'controller.orch', 3 * 24 * 3_600_000);
    await writePrivate(join(folder, 'ca/client.pem'), old.certificate + old.key);
    const renewed = await loadIdentity(join(folder, 'ca'));
    expect(renewed.client).not.toEqual(old);
    expect(renewed.authority).toEqual(authority);
    expect(lifeLeftMs(renewed.client.certificate)).toBeGreaterThan(6 * 24 * 3_600_000);
  });
});

describe('PEM', () => {
  it('is read with rubbish around it', async () => {
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    const leaf = await mint(ours, 'server', serverName);
    expect(certificatesIn(`x\n${broken}${leaf.certificate}y${ours.certificate}`)).toEqual([
      leaf.certificate,
      ours.certificate,
    ]);
    expect(dnsName(leaf.certificate)).toBe(serverName);
    expect(dnsName(ours.certificate)).toBeUndefined();
    expect(lifeLeftMs(broken)).toBe(-1);
  });
});

describe('a port that', () => {
  const open: { destroy(): unknown }[] = [];
  const keep = (socket: Socket) => {
    open.push(socket);
    socket.on('error', () => {});
  };
  afterEach(() => {
    for (const socket of open.splice(0)) socket.destroy();
  });
  const portOf = async (server: NetServer) => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  };

  it('accepts and says nothing costs the deadline, no more', async () => {
    const mute = createTcpServer(keep);
    await expect(greet(await portOf(mute), client)).rejects.toMatchObject({ code: 4 });
    mute.close();
  });

  it('speaks TLS and then says nothing costs the deadline, no more', async () => {
    const { certificate: cert, key } = await mint(ours, 'server', serverName);
    const mute = createServer({ cert, key, ALPNProtocols: ['h2'] }, keep);
    await expect(greet(await portOf(mute), client)).rejects.toMatchObject({ code: 4 });
    mute.close();
  });
});
