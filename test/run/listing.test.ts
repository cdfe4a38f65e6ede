import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadInput, selectInput } from '../../controller/run/input/input.ts';
import { listing } from '../../controller/run/input/listing.ts';
import { rememberSecret } from '../../controller/vault/secret-texts.ts';

test('names and tags are listed with what is known before the run', () => {
  const play = {
    name: 'set up {{ what }}',
    hosts: 'localhost',
    vars: { what: 'links' },
    tags: '{{ what }}',
    tasks: [],
  };
  const input = loadInput('lab.yml', ['localhost,'], [], [], JSON.stringify([play]));
  const selection = { tags: { only: [], skip: [] }, limit: undefined, startAtTask: undefined };
  expect(listing(selectInput(input, selection, []), ['hosts'])).toBe(
    `
playbook: lab.yml

  play #1 (localhost): set up links\tTAGS: [links]
    pattern: ['localhost']
    hosts (1):
      localhost
`,
  );
});

test('so are hosts, which name a play that has no name', () => {
  const play = { hosts: "{{ where | default('localhost') }}", tasks: [] };
  const input = loadInput('lab.yml', ['localhost,'], [], [], JSON.stringify([play]));
  const selection = { tags: { only: [], skip: [] }, limit: undefined, startAtTask: undefined };
  expect(listing(selectInput(input, selection, []), ['tasks'])).toContain('play #1 (localhost): localhost\tTAGS: []');
});

test('a play has its own tags, also where none of its tasks is left', () => {
  const play = { hosts: 'localhost', gather_facts: false, tags: 'own', tasks: [{ debug: { msg: 'x' } }] };
  const input = loadInput('lab.yml', ['localhost,'], [], [], JSON.stringify([play]));
  const selection = { tags: { only: ['other'], skip: [] }, limit: undefined, startAtTask: undefined };
  expect(listing(selectInput(input, selection, []), ['tags'])).toContain('TASK TAGS: [own]');
});

test('a tag that an import and its play say is listed once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orch-listing-'));
  try {
    writeFileSync(join(folder, 'play.yml'), JSON.stringify([{ hosts: 'localhost', tags: ['a', 'b'], tasks: [] }]));
    const imported = JSON.stringify([{ import_playbook: 'play.yml', tags: ['b', 'c'] }]);
    const input = loadInput(join(folder, 'lab.yml'), ['localhost,'], [], [], imported);
    const selection = { tags: { only: [], skip: [] }, limit: undefined, startAtTask: undefined };
    expect(listing(selectInput(input, selection, []), ['tags'])).toContain('localhost\tTAGS: [b,c,a]');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what was encrypted is listed nowhere but as the name of a host', () => {
  rememberSecret(['hunter2-x', 'vm01']);
  const tasks = [{ name: 'say hunter2-x', debug: { msg: 'x' }, tags: 'hunter2-x' }];
  const play = { name: 'of hunter2-x', hosts: 'vm01', tags: '{{ own }}', vars: { own: 'hunter2-x' }, tasks };
  const input = loadInput('lab.yml', ['vm01,'], [], [], JSON.stringify([play]));
  const selection = { tags: { only: [], skip: [] }, limit: undefined, startAtTask: undefined };
  const told = listing(selectInput(input, selection, []), ['hosts', 'tasks', 'tags']);
  expect(told).not.toContain('hunter2-x');
  expect(told).toContain('      vm01\n');
});
