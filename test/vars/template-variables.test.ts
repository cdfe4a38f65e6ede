import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'orch-template-'));
afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
  rmSync(folder, { recursive: true, force: true });
});

test('what the settings say of templates names the host, the user, the file as written, and its time', async () => {
  vi.stubEnv('ANSIBLE_MANAGED', '{file} of {uid} on {host}, {other}, %Y 100%%');
  const file = join(folder, 'x.j2');
  writeFileSync(file, '');
  utimesSync(file, 1_700_000_000, 1_700_000_000);
  const { templateVariables } = await import('../../controller/vars/template-variables.ts');
  expect(templateVariables(file, { has: () => false }, 'y/../x.j2')).toMatchObject({
    ansible_managed: `y/../x.j2 of ${userInfo().username} on ${hostname()}, {other}, 2023 100%`,
    template_path: 'y/../x.j2',
    template_fullpath: file,
  });
  expect(templateVariables(file, { has: () => true }, 'x.j2')).not.toHaveProperty('ansible_managed');
});
