import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DestroyReport } from '../../controller/report/destroy-text.ts';
import type { Report } from '../../controller/report/types.ts';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';

const lab = join(import.meta.dirname, '../../playbooks/lab-macvlan.yml');

describe('orch run on a testbed of namespaces', () => {
  let testbed: OwnTestbed;

  beforeAll(async () => {
    testbed = ownTestbed();
    await testbed.up('netns');
  });

  afterAll(() => testbed.end());

  async function run(...args: string[]): Promise<Report> {
    const { stdout } = await testbed.orch(['run', ...args, '--output', 'json']);
    return JSON.parse(stdout) as Report;
  }

  function playbook(name: string, text: string): string {
    const file = join(testbed.folder, name);
    writeFileSync(file, text);
    return file;
  }

  it('converges the lab, changes nothing the second time, and takes it back', async () => {
    const first = await run(lab);
    expect(first).toMatchObject({ exit: 0, hosts: { vm02: { failed: 0 } } });
    expect(first.hosts.vm02?.changed).toBeGreaterThan(0);
    expect(await run(lab)).toMatchObject({ exit: 0, hosts: { vm01: { changed: 0 }, vm02: { changed: 0 } } });

    const { stdout } = await testbed.orch(['destroy', lab, '--output', 'json']);
    const destroyed = JSON.parse(stdout) as DestroyReport;
    expect(destroyed.exit).toBe(0);
    expect(destroyed.hosts.flatMap(({ objects }) => objects.filter(({ outcome }) => outcome !== 'undone'))).toEqual([]);
    expect((await testbed.on('vm02', 'ip netns list; ip -o link show type macvlan')).stdout.trim()).toBe('');
  });

  it('shows what it would do, and does nothing, in check mode', async () => {
    const report = await run(lab, '--check');
    expect(report.hosts.vm02?.changed).toBeGreaterThan(0);
    expect((await testbed.on('vm02', 'ip netns list')).stdout.trim()).toBe('');
  });

  it('asks once more who should have answered', async () => {
    // As a kernel does that gives up a neighbour: what came until then is lost, the next is answered. Three requests of 84 bytes.
    const drop = 'add rule ip lost input icmp type echo-request quota until 252 bytes drop';
    const table = `add table ip lost; add chain ip lost input { type filter hook input priority 0; }; ${drop}`;
    expect(await testbed.on('vm02', `nft '${table}'`)).toMatchObject({ code: 0 });
    const file = playbook(
      'again.yml',
      '- hosts: lab\n  tasks:\n    - reach: { endpoints: { vm01: 172.16.91.10, vm02: 172.16.91.14 }, expect: reached }\n',
    );
    const report = await run(file);
    expect(await testbed.on('vm02', 'nft delete table ip lost')).toMatchObject({ code: 0 });
    expect(report.exit).toBe(0);
    const warned = report.tasks.flatMap(({ warnings = [] }) => warnings);
    expect(warned).toEqual(['vm01 -> vm02: answered only when asked again']);
    expect(report.reach.map(({ observed }) => observed)).toEqual(['reached', 'reached']);
  });

  it('lets the running task end at Ctrl-C, and begins nothing more', async () => {
    const file = playbook(
      'slow.yml',
      '- hosts: vm01\n  tasks:\n    - shell: echo first\n    - shell: sleep 2\n    - command: touch /tmp/never\n',
    );
    const { code, stdout } = await testbed.orch(['run', file], { kill: [/changed: \[vm01\]/] });
    expect(code).toBe(130);
    expect(stdout).toContain('interrupted');
    expect((await testbed.on('vm01', 'ls /tmp/never')).code).not.toBe(0);
  });

  it('is told by callbacks, too', async () => {
    const folder = join(testbed.folder, 'told');
    const env = {
      ANSIBLE_CALLBACKS_ENABLED: 'junit, tree, ansible.posix.timer',
      JUNIT_OUTPUT_DIR: folder,
      ANSIBLE_CALLBACK_TREE_DIR: join(folder, 'tree'),
    };
    const { code, stdout } = await testbed.orch(['run', lab, '--check'], { env });
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/Playbook run took 0 days/) });
    const [file = ''] = readdirSync(folder).filter((name) => name.endsWith('.xml'));
    expect(readFileSync(join(folder, file), 'utf8')).toMatch(/<testsuites [\s\S]*<testcase [\s\S]*name="\[vm02\] /);
    expect(readdirSync(join(folder, 'tree'))).toEqual(['vm01', 'vm02']);
    await testbed.orch(['destroy', lab]);
  });

  it('keeps facts for the runs behind it, where the configuration says so', async () => {
    const says = (text: string) => playbook(`${text.length}.yml`, `- hosts: vm01\n${text}`);
    const learn = says('  tasks:\n    - set_fact: { colour: red, cacheable: true }\n');
    const know = says(
      "  gather_facts: false\n  tasks:\n    - assert: { that: \"[colour, ansible_hostname] == ['red', 'vm01']\" }\n    - meta: clear_facts\n",
    );
    const folder = join(testbed.folder, 'facts');
    const kept = async (file: string, ...words: string[]) =>
      testbed.orch(['run', file, ...words], {
        env: { ANSIBLE_CACHE_PLUGIN: 'jsonfile', ANSIBLE_CACHE_PLUGIN_CONNECTION: folder, ANSIBLE_GATHERING: 'smart' },
      });
    expect((await kept(learn)).stdout).toContain('Gathering Facts');
    expect((await kept(learn)).stdout).not.toContain('Gathering Facts');
    expect(await kept(know)).toMatchObject({ code: 0 });
    expect([readdirSync(folder), (await kept(know)).code]).toEqual([[], 4]);
    expect(await kept(learn)).toMatchObject({ code: 0 });
    expect([(await kept(know, '--flush-cache')).code, readdirSync(folder)]).toEqual([2, []]);
  });

  it('takes back what a run with more variables did', async () => {
    const file = playbook(
      'given.yml',
      '- hosts: vm01\n  tasks:\n    - file: { path: "/tmp/{{ name }}", state: touch }\n',
    );
    expect(await testbed.orch(['run', file, '-e', 'name=given'])).toMatchObject({ code: 0 });
    expect(await testbed.orch(['destroy', file])).toMatchObject({ code: 0 });
    expect((await testbed.on('vm01', 'ls /tmp/given')).code).not.toBe(0);
    const nowhere = playbook('nowhere.yml', '- hosts: "{{ where }}"\n');
    expect(await testbed.orch(['destroy', nowhere])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("1:14: 'where' is undefined"),
    });
  });

  it('refuses wrong input without contacting anyone', async () => {
    const file = playbook('wrong.yml', '- hosts: vm01\n  tasks:\n    - comand: echo\n    - command: "{{ nope }"\n');
    const { code, stdout, stderr } = await testbed.orch(['run', file]);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toMatch(/wrong\.yml:3:7: .*comand/);
    expect(stderr).toMatch(/wrong\.yml:4:/);
  });
});
