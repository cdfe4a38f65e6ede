import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Report } from '../../controller/report/types.ts';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';

/**
 * Playbooks as people write them, a folder each, on fresh hosts: they go well, a second time nothing is left to do, and check
 * mode then foresees nothing. They take minutes: ORCH_TEST_ALL=1 asks for them.
 */
const folder = join(import.meta.dirname, 'plays');
const plays = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const hostScript = readFileSync(join(folder, 'host.sh'), 'utf8');

let testbed: OwnTestbed | undefined;
afterEach(() => testbed?.end());

async function play(on: OwnTestbed, name: string, ...options: string[]): Promise<Report> {
  const cwd = join(on.folder, name);
  const inventories = ['-i', join(on.folder, 'orch/testbed/inventory.yml'), '-i', 'hosts.yml'];
  const password = existsSync(join(cwd, 'vault-password')) ? ['--vault-password-file', 'vault-password'] : [];
  const words = ['run', '--output', 'json', ...inventories, ...password, ...options, 'site.yml'];
  const { stdout, stderr } = await on.orch(words, { cwd });
  expect(stdout, stderr).toMatch(/^\{/);
  const report = JSON.parse(stdout) as Report;
  expect({ exit: report.exit, failures: report.failures }).toEqual({ exit: 0, failures: {} });
  return report;
}

const changed = ({ tasks }: Report) => tasks.filter(({ status }) => status === 'changed').map(({ task }) => task);

describe.skipIf(process.env.ORCH_TEST_ALL !== '1').each(plays)('%s', (name) => {
  it('goes well, is done once, and is checked without a change', { timeout: 1_200_000 }, async () => {
    const made = ownTestbed();
    testbed = made;
    cpSync(join(folder, name), join(made.folder, name), { recursive: true });
    expect(await made.orch(['testbed', 'up', '--driver', 'netns'])).toMatchObject({ code: 0 });
    for (const host of ['vm01', 'vm02']) expect(await made.on(host, 'sh -s', hostScript)).toMatchObject({ code: 0 });
    const first = await play(made, name);
    expect(changed(first).length).toBeGreaterThan(20);
    expect(changed(await play(made, name))).toEqual([]);
    expect(changed(await play(made, name, '--check'))).toEqual([]);
  });
});
