import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { destroyWell, runWell } from './lab-runs.ts';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';

const playbooks = join(import.meta.dirname, 'system');

let testbed: OwnTestbed | undefined;
afterEach(() => testbed?.end());

async function up(driver: 'netns' | 'qemu'): Promise<OwnTestbed> {
  const made = ownTestbed();
  testbed = made;
  cpSync(playbooks, join(made.folder, 'system'), { recursive: true });
  await made.up(driver);
  return made;
}

const output = async (host: OwnTestbed, command: string) => (await host.on('vm02', command)).stdout;

describe('what is no network', () => {
  it('files are edited once, looked at, brought over, and taken back', async () => {
    const host = await up('netns');
    const folder = '/root/files';
    expect(await host.on('vm02', `mkdir ${folder}`)).toMatchObject({ code: 0 });
    const run = () => runWell(host, join(host.folder, 'system/files.yml'));
    const first = await run();
    expect(first.hosts.vm02).toMatchObject({ failed: 0, ignored: 2 });
    expect(first.hosts.vm02?.changed).toBeGreaterThan(5);
    const fetched = join(host.folder, 'system/fetched/vm02', folder, 'whole');
    expect(readFileSync(fetched, 'utf8')).toBe('piece a\n--\npiece b');
    expect(await output(host, `cat ${folder}/deep/er/hosts`)).toBe(
      '# BEGIN ANSIBLE MANAGED BLOCK\n# written by a lab\n127.0.0.1 localhost\n# END ANSIBLE MANAGED BLOCK\n10.0.0.1 gw\n10.0.0.2 web\n',
    );
    // assemble and replace want another content of one file.
    expect((await run()).hosts.vm02).toMatchObject({ failed: 0, changed: 1 });
    await destroyWell(host, join(host.folder, 'system/files.yml'));
    expect(await output(host, `ls -A ${folder}; ls -d ${folder}/../mounts; grep -c mounts /proc/mounts`)).toBe('0\n');
  }, 60_000);

  it.runIf(process.env.ORCH_TEST_ALL)(
    'a host whose agent is killed, as by a reboot, is waited for',
    async () => {
      const host = await up('netns');
      const report = await runWell(host, join(host.folder, 'system/reboot.yml'));
      expect(report.hosts.vm02).toMatchObject({ ok: 9, changed: 4, failed: 0, ignored: 1 });
      expect(await output(host, 'cat /root/after')).toBe('two');
    },
    60_000,
  );

  it('services are run by scripts where systemd does not', async () => {
    const host = await up('netns');
    const state = 'ls /etc/init.d /etc/rc?.d; cat /run/orch-test-sleeper.pid';
    const before = await output(host, state);
    const playbook = join(host.folder, 'system/services.yml');
    const run = (...options: string[]) => runWell(host, playbook, ...options);
    expect((await run('--check')).hosts.vm02?.failed).toBe(0);
    expect((await run()).hosts.vm02).toMatchObject({ changed: 3, failed: 0 });
    expect(await output(host, 'cd /etc; ls rc?.d/*orch-test-sleeper')).toMatch(
      /^rc0.d\/K.*\nrc1.d\/K.*\nrc2.d\/S.*\nrc3.d\/S.*\nrc4.d\/K.*\nrc5.d\/S.*\nrc6.d\/K.*\n$/,
    );
    expect((await run()).hosts.vm02).toMatchObject({ changed: 0, failed: 0 });
    const pid = await output(host, 'cat /run/orch-test-sleeper.pid');
    expect((await run('-e', 'anew=yes')).hosts.vm02).toMatchObject({ changed: 1, failed: 0 });
    const next = await output(host, 'cat /run/orch-test-sleeper.pid');
    expect(next).not.toBe(pid);
    await destroyWell(host, playbook);
    expect(await output(host, state)).toBe(before);
    expect((await host.on('vm02', `kill -0 ${next}`)).code).not.toBe(0);
  }, 60_000);

  it.runIf(process.env.ORCH_TEST_ALL)(
    'what programs of Debian keep is set once, and taken back',
    async () => {
      const host = await up('netns');
      const state = 'update-alternatives --query editor; debconf-show orch; cat /etc/locale.gen; locale -a';
      const before = await output(host, state);
      const playbook = join(host.folder, 'system/programs.yml');
      const checked = await runWell(host, playbook, '--check');
      const first = await runWell(host, playbook);
      expect(checked.hosts.vm02?.changed).toBe(first.hosts.vm02?.changed);
      expect(await output(host, 'locale -a')).toContain('de_DE.utf8');
      expect((await runWell(host, playbook)).hosts.vm02).toMatchObject({ changed: 0, failed: 0 });
      await destroyWell(host, playbook);
      expect(await output(host, state)).toBe(before);
    },
    240_000,
  );

  it.runIf(process.env.ORCH_TEST_ALL)(
    'files are packed, and anew only where they changed',
    async () => {
      const host = await up('netns');
      const run = () => runWell(host, join(host.folder, 'system/archive.yml'));
      expect((await run()).hosts.vm02).toMatchObject({ changed: 5, failed: 0 });
      expect((await run()).hosts.vm02).toMatchObject({ changed: 0, failed: 0 });
    },
    60_000,
  );

  // Takes virtual machines of its own: other hosts share their accounts with this machine.
  it.runIf(process.env.ORCH_TEST_ALL)(
    'users and groups are made once, and taken back',
    async () => {
      const host = await up('qemu');
      const files = 'cd /etc && cat passwd group shadow gshadow; ls /home';
      const before = await output(host, files);
      const run = () => runWell(host, join(host.folder, 'system/accounts.yml'));
      await run();
      expect(await output(host, 'getent passwd alice')).toBe(
        'alice:x:2001:2000:Alice of the lab:/home/alice:/bin/bash\n',
      );
      expect(await output(host, 'getent shadow alice')).toMatch(
        /^alice:!\$6\$salt\$hash-of-alice:\d+:\d+:90:7::47482:$/m,
      );
      expect(await output(host, 'ls /home/alice/.ssh')).toBe('id_ed25519\nid_ed25519.pub\n');
      expect((await run()).hosts.vm02).toMatchObject({ changed: 2, failed: 0 });
      await destroyWell(host, join(host.folder, 'system/accounts.yml'));
      expect(await output(host, files)).toBe(before);
    },
    600_000,
  );
});
