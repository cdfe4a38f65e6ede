import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { destroyWell, runLab, runWell } from './lab-runs.ts';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';

const canary = '/tmp/orch-names-executed';
const fifteen = 'abcdefghijklmno';

describe('names on a testbed of namespaces', () => {
  let testbed: OwnTestbed;

  beforeAll(async () => {
    rmSync(canary, { force: true });
    testbed = ownTestbed();
    await testbed.up('netns', '--hosts', '1');
  });
  afterAll(() => testbed.end());

  /** A playbook of one lab; JSON is YAML. */
  function playbook(name: string, tasks: readonly unknown[]): string {
    const file = join(testbed.folder, `${name}.yml`);
    writeFileSync(file, JSON.stringify([{ hosts: 'vm01', lab: name, gather_facts: false, tasks }]));
    return file;
  }

  const namespaces = async () => {
    const { stdout } = await testbed.on('vm01', 'ls -A /run/netns 2>/dev/null; true');
    return stdout.split('\n').filter(Boolean).sort();
  };
  const links = async () => (await testbed.on('vm01', 'ls /sys/class/net')).stdout.split('\n').filter(Boolean);

  async function nothingExecuted(): Promise<void> {
    expect(existsSync(canary)).toBe(false);
    expect((await testbed.on('vm01', `ls ${canary}`)).code).not.toBe(0);
  }

  it('that begin alike are two: ns1 and ns10', async () => {
    const link = (netns: string) => ({ bridge: { name: 'br0', netns, state: 'up' } });
    const ten = playbook('ten', [{ netns: { name: 'ns10' } }, link('ns10')]);
    const one = playbook('one', [{ netns: { name: 'ns1' } }, link('ns1')]);
    await runWell(testbed, ten);
    expect((await runWell(testbed, one)).hosts.vm01).toMatchObject({ changed: 2 });
    expect((await runWell(testbed, ten)).hosts.vm01).toMatchObject({ changed: 0 });
    expect(await namespaces()).toEqual(['ns1', 'ns10']);
    await destroyWell(testbed, one);
    expect(await namespaces()).toEqual(['ns10']);
    expect((await testbed.on('vm01', 'ip -n ns10 -o link show br0')).code).toBe(0);
    await destroyWell(testbed, ten);
    expect(await namespaces()).toEqual([]);
  });

  it('of a link have 15 characters at most; those of a namespace may have more', async () => {
    const bridge = (name: string) => ({ bridge: { name, state: 'up' } });
    const longest = playbook('longest', [bridge(fifteen), { netns: { name: `${fifteen}p` } }]);
    await runWell(testbed, longest);
    expect((await runWell(testbed, longest)).hosts.vm01).toMatchObject({ changed: 0 });
    expect(await links()).toContain(fifteen);
    expect(await namespaces()).toEqual([`${fifteen}p`]);
    await destroyWell(testbed, longest);

    const tooLong = await testbed.orch(['run', playbook('too-long', [bridge(`${fifteen}p`)])]);
    expect(tooLong).toMatchObject({ code: 4, stdout: '', stderr: expect.stringMatching(/too-long\.yml:1:\d+: .*15/) });
    expect(await links()).not.toContain(fifteen);
  });

  const strange = [
    "it's",
    'a"b',
    'a`b',
    'a b',
    `$(touch ${canary})`,
    `\`touch ${canary}\``,
    `;touch ${canary};`,
    `a\ntouch ${canary}`,
    'netns delete x',
    '-all',
    '--help',
    '..',
    '.',
    '../../tmp/x',
    '/etc/passwd',
    'dev',
    'a\u0000b',
    'ünï',
    '',
  ];

  describe.each(['netns', 'bridge'])('of a %s', (module) => {
    const params = (name: string) => (module === 'netns' ? { name } : { name, state: 'up' });
    const present = async () => (module === 'netns' ? namespaces() : (await links()).sort());

    it('that are strange are right or refused with a reason, never executed', async () => {
      const before = await present();
      // By a variable: the agent's own checks count, not only the workstation's.
      const tasks = strange.map((name, at) => ({
        name: `t${at}`,
        [module]: params('{{ given }}'),
        vars: { given: name },
        ignore_errors: true,
      }));
      const file = playbook(`strange-${module}`, tasks);
      const report = await runLab(testbed, file);
      expect(report.exit).toBe(0);
      const made: string[] = [];
      for (const [at, name] of strange.entries()) {
        const task = report.tasks.find((record) => record.task === `t${at}`);
        if (task?.status === 'changed') made.push(name);
        else
          expect({ name, task }).toMatchObject({
            name,
            task: { status: 'ignored', message: expect.stringMatching(/\w{3}/) },
          });
      }
      expect((await present()).filter((name) => !before.includes(name))).toEqual(made.sort());
      await nothingExecuted();
      await destroyWell(testbed, file);
      expect(await present()).toEqual(before);
      await nothingExecuted();
    });

    it('that cannot be are all refused before a host is contacted', async () => {
      const wrong = strange.filter((name) => /[\s/\0]|^\.*$/.test(name));
      const file = playbook(
        'plain',
        wrong.map((name) => ({ [module]: params(name) })),
      );
      const { code, stdout, stderr } = await testbed.orch(['run', file]);
      expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
      expect(stderr.match(/plain\.yml:1:\d+: /g)).toHaveLength(wrong.length);
      await nothingExecuted();
    });
  });
});
