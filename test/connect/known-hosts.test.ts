import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  fingerprint,
  judgeHostKey,
  keyType,
  knownHostLine,
  knownTypes,
  lookupName,
  parseKnownHosts,
} from '../../controller/connect/ssh/known-hosts.ts';

interface Case {
  name: string;
  lines: string[];
  host: string;
  port?: number;
  alias?: string;
  key: string;
  is: string;
  at?: string;
  types?: string[];
  authorities?: string[];
}

const { keys, cases }: { keys: Record<string, string>; cases: Case[] } = parse(
  readFileSync(join(import.meta.dirname, 'known-hosts.yml'), 'utf8'),
);
const blob = (name: string) => Buffer.from(keys[name]?.split(' ')[1] ?? '', 'base64');

describe('known_hosts', () => {
  it.each(cases)('$name', ({ lines, host, port = 22, alias, key, is, at, types, authorities }) => {
    const text = lines.join('\n').replace(/\$(\w)/g, (_, letter: string) => keys[letter] ?? '');
    const entries = parseKnownHosts(text, 'known_hosts');
    const name = lookupName(host, port, alias);
    const verdict = judgeHostKey(entries, name, blob(key));
    expect(verdict.kind).toBe(is);
    if (at !== undefined) expect(verdict).toMatchObject({ at });
    if (types !== undefined) expect(knownTypes(entries, name)).toEqual(types);
    if (authorities !== undefined) expect(verdict).toMatchObject({ authorities });
  });

  it.each([true, false])('reads what it writes (hashed: %s)', (hashed) => {
    fc.assert(
      fc.property(fc.domain(), fc.integer({ min: 1, max: 65_535 }), (host, port) => {
        const name = lookupName(host, port, undefined);
        const entries = parseKnownHosts(knownHostLine(name, blob('a'), hashed), 'known_hosts');
        expect(judgeHostKey(entries, name, blob('a')).kind).toBe('known');
        expect(judgeHostKey(entries, name, blob('b')).kind).toBe('changed');
        expect(judgeHostKey(entries, `${name}x`, blob('a')).kind).toBe('unknown');
      }),
    );
  });

  it('prints a fingerprint as ssh-keygen does', () => {
    expect(fingerprint(blob('a'))).toBe('SHA256:ToErCQkud9KzN2siXHPMzfStdUqZ41ka4pVFVydZhpo');
  });

  it('takes any bytes for a key without harm', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const type = keyType(Buffer.from(bytes));
        expect(type === undefined || type.length <= 64).toBe(true);
      }),
    );
  });
});
