import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const program = join(import.meta.dirname, '../../dist/orch.js');

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'orch-start-')), 'a "b" $c');
  mkdirSync(folder);
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

// It is a shell's script and a program of Node at once.
test('orch is started by its own file, by a link from anywhere, and by another name', () => {
  const linked = (name: string): string => {
    symlinkSync(program, join(folder, name));
    return join(folder, name);
  };
  const said = (file: string): string => execFileSync(file, ['--version'], { cwd: folder, encoding: 'utf8' });
  expect(said(program)).toMatch(/^orch \d/);
  expect(said(linked('orch'))).toMatch(/^orch \d/);
  expect(said(linked('ansible-playbook'))).toMatch(/^ansible-playbook \[core /);
});

test('its words reach it as they are', () => {
  const words = ['doc', 'no "such" $thing'];
  expect(() => execFileSync(program, words, { encoding: 'utf8', stdio: 'pipe' })).toThrow(/no "such" \$thing/);
});
