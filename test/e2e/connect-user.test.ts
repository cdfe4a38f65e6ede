import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folder, fresh, open, own, target } from './connect-fixture.ts';

describe('a user who is not root', () => {
  /** Users of its own for one sshd: root's files stay as they are. */
  const users = (sudoers: string) => {
    const hash = execFileSync('openssl', ['passwd', '-6', 'sesame'], { encoding: 'utf8' }).trim();
    const line = (path: string, text: string) =>
      `{ cat ${path}; echo '${text}'; } >"$f"; chmod --reference=${path} "$f"; chgrp --reference=${path} "$f"; mount --bind "$f" ${path}`;
    return [
      `f=$(mktemp); ${line('/etc/passwd', 'lab:x:4711:4711::/tmp:/bin/sh')}`,
      `f=$(mktemp); ${line('/etc/shadow', `lab:${hash}:19000:0:99999:7:::`)}`,
      `f=$(mktemp); ${line('/etc/sudoers', sudoers)}`,
    ].join('\n');
  };

  it('becomes root by sudo, with a password where it asks for one', async () => {
    await fresh('sudo');
    const sudo = await own([], users('lab ALL=(ALL) ALL'));
    const lab = { user: 'lab', becomePassword: async () => 'sesame' };
    expect(await open(target(lab, sudo))).toMatchObject({ transport: 'tls' });
    expect(await open(target({ ...lab, transport: 'tunnel' }, sudo))).toMatchObject({ transport: 'tunnel' });
    const wrong = open(target({ ...lab, transport: 'tunnel', becomePassword: async () => 'open' }, sudo));
    await expect(wrong).rejects.toMatchObject({ code: 'become-failed', summary: 'sudo refused the password.' });
    const none = open(target({ user: 'lab', transport: 'tunnel' }, sudo));
    await expect(none).rejects.toMatchObject({ code: 'become-failed', summary: 'sudo asks for a password.' });
  });

  it('is told when sudo does not let them', async () => {
    await fresh('no-sudo');
    const sudo = await own([], users('lab ALL=(ALL) NOPASSWD: /bin/true'));
    const lab = { user: 'lab', becomePassword: async () => 'sesame' };
    await expect(open(target(lab, sudo))).rejects.toMatchObject({ code: 'become-failed', where: { host: 'vm01' } });
  });

  it('may log in by password', async () => {
    await fresh('password');
    const sudo = await own(['PasswordAuthentication yes'], users('lab ALL=(ALL) NOPASSWD: ALL'));
    const password = async () => 'sesame';
    const connection = await open(target({ user: 'lab', keyFile: join(folder, 'absent'), password }, sudo));
    expect(connection.transport).toBe('tls');
  });
});
