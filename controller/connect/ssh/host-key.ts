import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import { OrchError } from '../../../proto/errors.ts';
import {
  fingerprint,
  judgeHostKey,
  type KnownHost,
  keyType,
  knownHostLine,
  knownTypes,
  lookupName,
  parseKnownHosts,
} from './known-hosts.ts';
import type { SshSettings } from './ssh-settings.ts';

/** What one host may present as its key. */
export interface HostKeyCheck {
  /** Offered in this order: types that are known for the host come first. */
  readonly algorithms: ServerHostKeyAlgorithm[];
  /** Undefined: accepted. Else OrchError 'host-key-unknown' or 'host-key-changed'. */
  verify(key: Buffer): OrchError | undefined;
  /** The key that was let pass. */
  accepted(): Buffer;
  /** After the key was proven: adds it to known_hosts when it was new and may be accepted. */
  remember(): Promise<void>;
}

const algorithmsOf: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/** Reads the known_hosts files of `settings`; a missing one is empty. */
export async function hostKeyCheck(
  host: string,
  settings: SshSettings,
  unknownHostKey: 'refuse' | 'accept-new',
): Promise<HostKeyCheck> {
  const entries: KnownHost[] = [];
  for (const file of [...settings.userKnownHosts, ...settings.globalKnownHosts]) {
    const text = await readFile(file, 'utf8').catch(() => '');
    entries.push(...parseKnownHosts(text, file));
  }
  const name = lookupName(settings.hostname, settings.port, settings.hostKeyAlias);
  const acceptNew = unknownHostKey === 'accept-new' || ['accept-new', 'no'].includes(settings.strictHostKeyChecking);
  const types = knownTypes(entries, name);
  const order = [...types, ...Object.keys(algorithmsOf).filter((type) => !types.includes(type))];
  let added: Buffer | undefined;
  let accepted: Buffer | undefined;

  return {
    algorithms: order.flatMap((type) => algorithmsOf[type] ?? []),
    verify(key) {
      const verdict = judgeHostKey(entries, name, key);
      const isNew = verdict.kind === 'unknown' && acceptNew;
      if (verdict.kind !== 'known' && !isNew) return refusal(host, name, key, verdict);
      if (isNew) added = key;
      accepted = key;
      return undefined;
    },
    accepted() {
      if (accepted === undefined) throw new Error('no host key was looked at');
      return accepted;
    },
    async remember() {
      const [file] = settings.userKnownHosts;
      if (added === undefined || file === undefined) return;
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const before = await readFile(file, 'utf8').catch(() => '');
      const newline = before === '' || before.endsWith('\n') ? '' : '\n';
      await appendFile(file, newline + knownHostLine(name, added, settings.hashKnownHosts), { mode: 0o600 });
      added = undefined;
    },
  };
}

function refusal(
  host: string,
  name: string,
  key: Buffer,
  verdict: Exclude<ReturnType<typeof judgeHostKey>, { kind: 'known' }>,
): OrchError {
  const shown = `${keyType(key) ?? 'unreadable'} key ${fingerprint(key)}`;
  const where = { host };
  if (verdict.kind === 'unknown') {
    const authorities =
      verdict.authorities.length > 0
        ? `Host certificates (@cert-authority, ${verdict.authorities.join(', ')}) are not supported; only plain keys are looked at.`
        : undefined;
    return new OrchError({
      code: 'host-key-unknown',
      summary: `known_hosts has no key for ${name}, which presents ${shown}.`,
      detail: authorities,
      hint: 'Compare the fingerprint; then accept it with --accept-host-key, or connect once with ssh.',
      where,
    });
  }
  return new OrchError({
    code: 'host-key-changed',
    summary:
      verdict.kind === 'revoked'
        ? `${name} presents ${shown}, which ${verdict.at} revokes.`
        : `${name} presents ${shown}, but ${verdict.at} has another key for it.`,
    detail: 'Either the host was installed anew, or someone is in between.',
    hint: `If the new key is right, remove the old one: ssh-keygen -f '${verdict.at.replace(/:\d+$/, '')}' -R '${name}'`,
    where,
  });
}
