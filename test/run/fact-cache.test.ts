import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FactCache } from '../../controller/run/hosts/fact-cache.ts';
import { HostState } from '../../controller/run/hosts/host-state.ts';
import { rememberSecret } from '../../controller/vault/secret-texts.ts';
import { OrchError } from '../../proto/errors.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orch-facts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function learned(host: string, facts: Readonly<Record<string, unknown>>): HostState {
  const state = new HostState(host);
  state.learnFacts(facts);
  state.isTold = true;
  return state;
}

function restored(host: string, cache = new FactCache(folder)): HostState {
  const state = new HostState(host);
  cache.restore(state);
  return state;
}

test('facts come back as they were, and are nobody else’s to read', () => {
  const facts = { ansible_kernel: '6.12', services: { ssh: true }, ansible_big: 2n ** 70n };
  new FactCache(folder, { prefix: 'p_' }).keep([learned('vm/01', facts)], []);
  expect(readdirSync(folder)).toEqual(['p_s1_vm%2F01']);
  expect(statSync(join(folder, 'p_s1_vm%2F01')).mode & 0o777).toBe(0o600);
  const state = restored('vm/01', new FactCache(folder, { prefix: 'p_' }));
  expect(state.allFacts()).toEqual(facts);
  expect([state.hasFact('kernel'), state.hasOtherFact('services'), state.isTold, state.learned]).toEqual([
    ...[true, true, true],
    false,
  ]);
});

test('what a run neither learned nor forgot stays as it is', () => {
  const cache = new FactCache(folder);
  cache.keep([learned('vm01', { ansible_a: 1 })], []);
  const file = join(folder, 's1_vm01');
  utimesSync(file, 1, 1);
  cache.keep([restored('vm01'), new HostState('vm02')], []);
  expect([statSync(file).mtimeMs, readdirSync(folder)]).toEqual([1000, ['s1_vm01']]);
});

test('forgotten facts leave no file', () => {
  const cache = new FactCache(folder);
  cache.keep([learned('vm01', { ansible_a: 1 })], []);
  const state = restored('vm01');
  state.forgetFacts();
  cache.keep([state], []);
  expect(readdirSync(folder)).toEqual([]);
});

test('a flushed cache knows nothing, and loses what was there', () => {
  for (const host of ['vm01', 'vm02']) new FactCache(folder).keep([learned(host, { ansible_a: 1 })], []);
  const cache = new FactCache(folder, { flushed: true });
  const state = restored('vm01', cache);
  expect(state.allFacts()).toEqual({});
  state.learnFacts({ ansible_b: 2 });
  cache.keep([state], ['vm01', 'vm02']);
  expect([readdirSync(folder), restored('vm01').allFacts()]).toEqual([['s1_vm01'], { ansible_b: 2 }]);
});

test('facts get too old', () => {
  new FactCache(folder).keep([learned('vm01', { ansible_a: 1 })], []);
  const before = Date.now() / 1000 - 100;
  utimesSync(join(folder, 's1_vm01'), before, before);
  expect(restored('vm01', new FactCache(folder, { timeoutSeconds: 99 })).allFacts()).toEqual({});
  expect(restored('vm01', new FactCache(folder, { timeoutSeconds: 110 })).allFacts()).toEqual({ ansible_a: 1 });
});

test('secrets are not kept', () => {
  rememberSecret('tiger-lily');
  new FactCache(folder).keep([learned('vm01', { ansible_a: 1, nets: [{ mtu: 1500 }], key: ['x tiger-lily'] })], []);
  expect(readFileSync(join(folder, 's1_vm01'), 'utf8')).not.toContain('tiger');
  expect(restored('vm01').allFacts()).toEqual({ ansible_a: 1, nets: [{ mtu: 1500 }] });
});

test('what Ansible wrote is read without its marks', () => {
  const marked = {
    mine: { value: 1, tags: [{ path: '/p.yml', __ansible_type: 'Origin' }], __ansible_type: '_AnsibleTaggedInt' },
    deep: { value: { a: [{ value: 'x', tags: [], __ansible_type: '_AnsibleTaggedStr' }] }, __ansible_type: 'Dict' },
    ansible_kernel: '6.12',
  };
  writeFileSync(join(folder, 's1_vm01'), JSON.stringify({ __payload__: JSON.stringify(marked) }));
  const state = restored('vm01');
  expect([state.allFacts(), state.isTold]).toEqual([{ mine: 1, deep: { a: ['x'] }, ansible_kernel: '6.12' }, false]);
});

test('what is no cache is passed over', () => {
  for (const text of ['', '{', '[]', '{"a":1}', '{"__payload__":"[]"}', '{"__payload__":"{"}']) {
    writeFileSync(join(folder, 's1_vm01'), text);
    expect(restored('vm01').allFacts()).toEqual({});
  }
});

test('facts that others may change are refused, and nothing is put into their folders', () => {
  new FactCache(folder).keep([learned('vm01', { ansible_a: 1 })], []);
  chmodSync(join(folder, 's1_vm01'), 0o666);
  expect(() => restored('vm01')).toThrow(OrchError);
  chmodSync(folder, 0o777);
  expect(() => new FactCache(folder).keep([learned('vm02', { ansible_a: 1 })], [])).toThrow(OrchError);
  expect(readdirSync(folder)).toEqual(['s1_vm01']);
});
