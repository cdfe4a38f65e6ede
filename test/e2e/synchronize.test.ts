import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownTestbed } from './own-testbed.ts';

const noRsync = spawnSync('rsync', ['--version']).status !== 0;
const title = 'synchronize on hosts of netns';

describe.skipIf(noRsync)(noRsync ? `${title} (skipped: rsync is not installed)` : title, () => {
  const testbed = ownTestbed();
  const at = (name: string) => join(testbed.folder, name);
  /** What the workstation's own agent says of itself. */
  const notes = at('orch/local/run/agent.json');
  /** Where orch answers rsync's remote shell: no other run's are there. */
  const env = { TMPDIR: at('tmp') };

  beforeAll(async () => {
    await testbed.up('netns');
    mkdirSync(at('tmp'));
    mkdirSync(at('files/site/sub'), { recursive: true });
    writeFileSync(at('files/site/one'), 'one\n');
    writeFileSync(at('files/site/sub/a b'), 'two\n');
    writeFileSync(at('files/site/large'), Buffer.alloc(20_000_000, 'x y z'));
  });
  afterAll(async () => {
    if (existsSync(notes)) process.kill(JSON.parse(readFileSync(notes, 'utf8')).pid);
    const left = readdirSync(at('tmp'));
    await testbed.end();
    expect(left).toEqual([]);
  });

  /** Runs tasks on vm01, or what else `play` says; gives what was printed. */
  async function run(tasks: string, { play = 'hosts: vm01', options = [] as string[] } = {}): Promise<string> {
    writeFileSync(at('play.yml'), `- ${play}\n  lab: files\n  gather_facts: false\n  tasks:\n${tasks}`);
    const { stdout, stderr } = await testbed.orch(['run', 'play.yml', ...options], { env });
    return stdout + stderr;
  }
  const on = async (command: string) => (await testbed.on('vm01', command)).stdout;
  const counts = (said: string) =>
    /ok=\d+ +changed=\d+ +unreachable=\d+ +failed=\d+/.exec(said)?.[0].replace(/ +/g, ' ');
  const well = (ok: number, changed: number) => `ok=${ok} changed=${changed} unreachable=0 failed=0`;

  test('there and back, what differs alone', async () => {
    const tasks = `
    - synchronize: { src: site/, dest: /tmp/www, delete: true }
    - ansible.posix.synchronize: { mode: pull, src: "/tmp/www/sub/a*", dest: pulled/ }
`;
    const looked = await run(tasks, { options: ['--check', '--diff'] });
    expect(looked).toContain('\n<f+++++++++ sub/a b\n');
    expect(looked).toContain('check mode: what rsync would bring is not known yet');
    expect(await on('ls /tmp')).toBe('');
    expect(counts(await run(tasks))).toBe(well(2, 2));
    expect(await on('cat "/tmp/www/sub/a b"; wc -c < /tmp/www/large')).toBe('two\n20000000\n');
    expect(readFileSync(at('pulled/a b'), 'utf8')).toBe('two\n');
    expect(counts(await run(tasks))).toBe(well(2, 0));
    await on('touch /tmp/www/more; echo other > /tmp/www/one');
    const drifted = await run(tasks, { options: ['--check', '--diff'] });
    expect(drifted).toMatch(/\n<f\S+ one\n\*deleting {3}more\n/);
    expect(counts(await run(tasks))).toBe(well(2, 1));
    expect(await on('ls /tmp/www; cat /tmp/www/one')).toBe('large\none\nsub\none\n');
  });

  test('as the user that the task becomes', async () => {
    const said = await run(`
    - synchronize: { src: site/one, dest: /tmp/theirs }
      become: true
      become_user: nobody
    - synchronize: { src: site/one, dest: /root/theirs }
      become: true
      become_user: nobody
      ignore_errors: true
      register: refused
    - synchronize: { src: site/one, dest: ~/ours }
    - assert: { that: ["refused.rc != 0", "'Permission denied' in refused.msg"] }
`);
    expect(counts(said)).toBe(well(4, 2));
    expect(await on('stat -c %U /tmp/theirs /root/ours')).toBe('nobody\nroot\n');
    await on('rm /root/ours');
  });

  test('where the task is delegated to', async () => {
    const tasks = `
    - synchronize: { src: /tmp/www/, dest: /tmp/copy }
      delegate_to: "{{ inventory_hostname }}"
    - local_action: { module: synchronize, src: site/one, dest: /tmp/local }
    - synchronize: { src: site/one, dest: /tmp/local }
      delegate_to: localhost
      vars: { ansible_connection: local }
    - synchronize: { src: /tmp/www/, dest: /tmp/copy }
      delegate_to: vm02
      ignore_errors: true
      register: refused
    - assert: { that: "'between two hosts (vm02 and vm01)' in refused.msg" }
`;
    expect(counts(await run(tasks, { options: ['--check'] }))).toBe(well(5, 3));
    expect(counts(await run(tasks))).toBe(well(5, 2));
    expect(await on('ls /tmp/copy; cat /tmp/local')).toBe('large\none\nsub\none\n');
    expect(counts(await run(tasks))).toBe(well(5, 0));
  });

  test('on the workstation', async () => {
    const tasks = '    - synchronize: { src: site, dest: here }\n';
    const play = 'hosts: localhost\n  connection: local';
    expect(counts(await run(tasks, { play }))).toBe(well(1, 1));
    expect(readFileSync(at('here/site/sub/a b'), 'utf8')).toBe('two\n');
    expect(counts(await run(tasks, { play }))).toBe(well(1, 0));
  });

  test('says what is missing, and ends what takes too long', async () => {
    const said = await run(`
    - synchronize: { src: site/one, dest: /tmp/x, rsync_path: /no/rsync }
      ignore_errors: true
      register: there
    - synchronize: { src: site/one, dest: /tmp/x }
      vars: { ansible_rsync_path: /no/rsync }
      ignore_errors: true
      register: here
    - synchronize: { src: site/one, dest: /no/such/x, rsync_path: env A=b rsync }
      ignore_errors: true
      register: nowhere
    - synchronize: { src: site/one, dest: /tmp/x, rsync_path: sh -c "sleep 1234" }
      timeout: 1
      ignore_errors: true
      register: late
    - synchronize: { src: no-such, dest: /tmp/x }
      ignore_errors: true
      register: nothing
    - assert:
        that:
          - nothing.rc == 23 and 'No such file or directory' in nothing.msg
          - there.rc == 127 and 'On vm01' in there.msg and 'rsync is needed' in there.msg
          - here.rc == 127 and 'On the workstation' in here.msg
          - nowhere.rc == 3 and 'No such file or directory' in nowhere.msg
          - late.timedout.period == 1
`);
    expect(counts(said)).toBe(well(6, 0));
    expect(await on('pgrep -f "sleep 123[4]"')).toBe('');
  });

  test('a second Ctrl-C ends it', async () => {
    writeFileSync(
      at('play.yml'),
      `- hosts: vm01
  lab: files
  tasks:
    - synchronize: { src: site/one, dest: /tmp/x, rsync_path: sh -c "sleep 1234" }
`,
    );
    const started = testbed.start(['run', 'play.yml'], { env });
    const asleep = () => on('pgrep -f "sleep 123[4]"');
    while ((await asleep()) === '') await sleep(100);
    started.kill('SIGINT');
    await sleep(500);
    expect(await asleep()).not.toBe('');
    started.kill('SIGINT');
    const { code, stdout } = await started.ended;
    expect(code, stdout).toBe(130);
    expect(await asleep()).toBe('');
  });
});
