import { readFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { fillIn } from '../../controller/connect/ssh/proxy-command.ts';
import { parseJump } from '../../controller/connect/ssh/ssh-dialer.ts';
import { parseSettings, type SshDestination, sshSettings } from '../../controller/connect/ssh/ssh-settings.ts';

interface Case {
  name: string;
  ask: Partial<SshDestination> & { address: string };
  output: string;
  is: Record<string, unknown>;
}

const text = readFileSync(join(import.meta.dirname, 'ssh-settings.yml'), 'utf8');
const cases: Case[] = parse(text.replaceAll('HOME/', `${homedir()}/`).replaceAll('USER', userInfo().username));

describe('ssh -G', () => {
  it.each(cases)('$name', ({ ask, output, is }) => {
    const settings: Record<string, unknown> = { ...parseSettings(output, { sshArgs: [], ...ask }) };
    for (const [key, value] of Object.entries(is)) expect(settings[key], key).toEqual(value ?? undefined);
  });
});

describe('what is asked for', () => {
  const destination: SshDestination = { address: 'vm01', port: 22, user: 'lab', keyFile: '/k', sshArgs: [] };

  it.each(['address', 'user', 'keyFile'] as const)('brings no settings of its own by its %s', async (key) => {
    const asked = sshSettings({ ...destination, [key]: 'x\nproxycommand touch /tmp/x' }, 5000);
    await expect(asked).rejects.toThrow('control character');
  });
});

describe('a jump host', () => {
  it.each([
    ['gate', { address: 'gate', user: undefined, port: undefined }],
    ['lab@gate:2200', { address: 'gate', user: 'lab', port: 2200 }],
    ['ssh://lab@gate:2200/', { address: 'gate', user: 'lab', port: 2200 }],
    ['lab@[fd00::1]:22', { address: 'fd00::1', user: 'lab', port: 22 }],
    ['a@realm@gate', { address: 'gate', user: 'a@realm', port: undefined }],
  ])('%s', (spec, parts) => {
    expect(parseJump(spec)).toEqual(parts);
  });
});

describe('a ProxyCommand', () => {
  const values = { hostname: 'vm01.lab', port: 22, user: 'lab' };

  it('is filled in as ssh does', () => {
    expect(fillIn('ssh -W %h:%p -l %r gate # 100%%', values)).toBe('ssh -W vm01.lab:22 -l lab gate # 100%');
  });

  it.each(['$(reboot)', 'a b', '-oProxyCommand=x', 'a;b', '`x`', ''])('takes no host named %s', (hostname) => {
    expect(() => fillIn('nc %h %p', { ...values, hostname })).toThrow('%h of ProxyCommand');
  });

  it('has no other tokens', () => {
    expect(() => fillIn('nc %C', values)).toThrow('%C');
  });
});
