import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LinkNames } from '../../agent/linux/ip/link-names.ts';
import { LinuxHost } from '../../agent/linux/linux-host.ts';
import { ip, ScratchNetns } from './scratch-netns.ts';

const scratch = new ScratchNetns();
const ns = scratch.name('ns');
const folder = mkdtempSync(join(tmpdir(), 'orch-link-names-'));
const host = new LinuxHost();

beforeAll(() => {
  ip('netns', 'add', ns);
  ip('-n', ns, 'link', 'add', 'usual', 'type', 'bridge');
  ip('-n', ns, 'link', 'property', 'add', 'dev', 'usual', 'altname', 'further');
  // So small that it has no IPv4.
  ip('-n', ns, 'link', 'set', 'lo', 'mtu', '60');
});
afterAll(async () => {
  await host.release();
  scratch.sweep();
  rmSync(folder, { recursive: true });
});

const names = ['lo', 'usual', 'further', 'all', 'us', 'none', 'gone'];
const missing = ['us', 'none', 'gone'];
const show = (name: string) => ['link', 'show', 'dev', name];

test('in a namespace, names that no link has are told from those of links', async () => {
  let listed = 0;
  const links = new LinkNames(async (netns) => {
    listed += 1;
    return (await host.ip(['address', 'show'], netns)).rows;
  });
  const lacking: string[] = [];
  for (const name of names) if (await links.lack(show(name), ns)) lacking.push(name);
  // Nobody else than ip knows that `all` is no link there.
  expect(lacking).toEqual(['all', ...missing]);
  // Once for the first, and for each that is not there.
  expect(listed).toBe(1 + lacking.length);
});

test('in the own namespace they are listed once', () => {
  const outfile = join(folder, 'link-names.cjs');
  const entry = join(import.meta.dirname, '../../agent/linux/ip/link-names.ts');
  buildSync({ entryPoints: [entry], outfile, bundle: true, format: 'cjs', platform: 'node' });
  const program = `
    const { LinkNames } = require(process.argv[1]);
    const { execFileSync } = require('node:child_process');
    let listed = 0;
    const links = new LinkNames(async () => {
      listed += 1;
      return JSON.parse(execFileSync('ip', ['-j', 'address', 'show'], { encoding: 'utf8' }));
    });
    (async () => {
      const lacking = [];
      for (const name of process.argv.slice(2)) if (await links.lack(['link', 'show', 'dev', name])) lacking.push(name);
      console.log(JSON.stringify({ lacking, listed }));
    })();`;
  const said = execFileSync('ip', ['netns', 'exec', ns, process.execPath, '-e', program, outfile, ...names], {
    encoding: 'utf8',
  });
  expect(JSON.parse(said)).toEqual({ lacking: missing, listed: 1 });
});

test('what is no question for one link, or can not be listed, is left to ip', async () => {
  const links = new LinkNames(async () => {
    throw new Error('refused');
  });
  expect(await links.lack(['link', 'show'], ns)).toBe(false);
  expect(await links.lack(show('none'), ns)).toBe(false);
});
