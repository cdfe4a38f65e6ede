import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadInventory } from '../../controller/inventory/load-inventory.ts';

function inFolder(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'orch-refresh-'));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('files that are read again', () => {
  inFolder((folder) => {
    const file = join(folder, 'hosts');
    const write = (text: string) => writeFileSync(file, text);
    write('[lab]\nvm01 side=left\nvm02\n');
    const { live } = loadInventory([file], join(folder, 'playbook.yml'));
    live.addHost({ name: 'vm09', groups: ['more'], vars: new Map() });
    live.addToGroup('vm01', 'odd', []);
    live.addToGroup('vm02', 'even', []);
    write('[lab]\nvm02\nvm03\n');
    live.refresh();
    const { hosts, groups } = live.current;
    // What tasks added is there, but a group does not bring back a host that the files have lost.
    expect([...hosts.keys()].sort()).toEqual(['vm02', 'vm03', 'vm09']);
    expect([groups.get('odd')?.hosts, groups.get('even')?.hosts]).toEqual([undefined, ['vm02']]);
    // A play that began with it goes on.
    expect(live.host('vm01')?.vars.get('side')?.value).toBe('left');
  });
});

test('variables of groups that only tasks make', () => {
  inFolder((folder) => {
    const file = join(folder, 'hosts');
    writeFileSync(file, 'vm01\n');
    mkdirSync(join(folder, 'group_vars'));
    writeFileSync(join(folder, 'group_vars', 'made.yml'), 'one: 1\ntwo: 2\n');
    const { live } = loadInventory([file], join(folder, 'playbook.yml'));
    expect(live.mayBring([])).toEqual(['one', 'two']);
    live.addToGroup('vm01', 'made', []);
    expect(live.host('vm01')?.vars.get('two')?.value).toBe(2);
  });
});
