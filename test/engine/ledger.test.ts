import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Ledger } from '../../agent/engine/books/ledger.ts';
import { LedgerStore } from '../../agent/engine/books/ledger-store.ts';
import { type NetnsState, sections } from '../../agent/engine/snapshot/state.ts';
import type { Step } from '../../agent/modules/module.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orch-ledger-'));
  path = join(folder, 'lab.ndjson');
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = () => new Ledger('lab', path, 'boot');
const add = (name: string): Step => ({
  object: `netns ${name}`,
  action: { op: 'netns-add', name },
  undo: [{ op: 'netns-delete', name }],
});
const remove = (name: string): Step => ({
  object: `netns ${name}`,
  action: { op: 'netns-delete', name },
  undo: [{ op: 'netns-add', name }],
  removes: true,
});

async function carryOut(ledger: Ledger, ...steps: readonly Step[]): Promise<void> {
  for (const book of await ledger.intend({ run: 'run' }, steps)) ledger.done(book, undefined);
}

test('what was written is there for the next agent, private to root', async () => {
  await carryOut(open(), add('a'), add('b'));
  expect(open().objects).toEqual(['netns a', 'netns b']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('namespaces are known by their names, while the lab has them', async () => {
  const ledger = open();
  await carryOut(ledger, add('a'), add('b'));
  await carryOut(ledger, remove('a'));
  expect(ledger.namespaces).toEqual(['b']);
});

test('a point-to-point address of one link is not that of another', async () => {
  const step = (dev: string, ...[verb, inverse]: readonly ['add', 'delete'] | readonly ['delete', 'add']): Step => {
    const action = (word: string) => {
      return { op: 'ip' as const, args: ['address', word, '10.0.0.1', 'peer', '10.0.0.2/32', 'dev', dev] };
    };
    return { object: `address on ${dev}`, action: action(verb), undo: [action(inverse)], removes: verb === 'delete' };
  };
  const ledger = open();
  await carryOut(ledger, step('t1', 'add', 'delete'));
  await carryOut(ledger, step('t0', 'delete', 'add'));
  await carryOut(ledger, step('t1', 'delete', 'add'));
  expect(ledger.entries.map(({ object }) => object)).toEqual(['address on t0']);
});

test('an intention is on disk before the change', async () => {
  await open().intend({ run: 'run' }, [add('a')]);
  expect(open().entries).toMatchObject([{ object: 'netns a', state: 'intended' }]);
});

test('what was foreseen counts from its turn on, for the next agent too', async () => {
  const ledger = open();
  await ledger.foresee({ run: 'run' }, [[add('a')], [], [add('b')], [add('c')]]);
  expect(ledger.entries).toEqual([]);
  expect(open().entries).toEqual([]);
  await carryOut(ledger, add('a'));
  await ledger.intend({ run: 'run' }, [add('b')]);
  const states = [
    { object: 'netns a', state: 'done' },
    { object: 'netns b', state: 'intended' },
  ];
  expect(ledger.entries).toMatchObject(states);
  expect(open().entries).toMatchObject(states);
});

test('nothing that was foreseen counts once something else is done', async () => {
  const ledger = open();
  await ledger.foresee({ run: 'run' }, [[add('a')], [add('b')], [add('c')]]);
  await carryOut(ledger, add('a'));
  await carryOut(ledger, add('c'));
  expect(ledger.foresees).toBe(false);
  await carryOut(ledger, add('b'));
  for (const each of [ledger, open()]) expect(each.objects).toEqual(['netns a', 'netns c', 'netns b']);
});

test('what takes something away is not foreseen, nor what comes behind it', async () => {
  const ledger = open();
  await carryOut(ledger, add('a'));
  await ledger.foresee({ run: 'run' }, [[add('b')], [remove('a')], [add('c')]]);
  await carryOut(ledger, add('b'));
  expect(ledger.foresees).toBe(false);
  await carryOut(ledger, remove('a'));
  await carryOut(ledger, add('c'));
  for (const each of [ledger, open()]) expect(each.objects).toEqual(['netns b', 'netns c']);
});

test('a file that is written anew has nothing of what was foreseen', async () => {
  const ledger = open();
  await ledger.foresee({ run: 'run' }, [[add('a')], [add('b')]]);
  await carryOut(ledger, add('a'));
  ledger.restore(ledger.entries);
  await carryOut(ledger, add('b'));
  expect(open().objects).toEqual(['netns a', 'netns b']);
});

test('a last line that a crash cut short is taken off, and writing goes on after it', async () => {
  await carryOut(open(), add('a'), add('b'));
  writeFileSync(path, readFileSync(path).subarray(0, -20));
  const ledger = open();
  expect(ledger.damaged).toBe(0);
  expect(ledger.objects).toEqual(['netns a', 'netns b']);
  await carryOut(ledger, add('c'));
  expect(open().objects).toEqual(['netns a', 'netns b', 'netns c']);
});

test('lines that cannot be read are counted, the others hold', async () => {
  await carryOut(open(), add('a'));
  appendFileSync(path, '{"r":"entr\n');
  await carryOut(open(), add('b'));
  const ledger = open();
  expect(ledger.damaged).toBe(1);
  expect(ledger.objects).toEqual(['netns a', 'netns b']);
});

test('a file that changes in every run does not make it grow without end', async () => {
  const undo = [{ op: 'file', file: { do: 'unlink', path: '/etc/x' } }] as const;
  const write = (text: string): Step => {
    const content = Buffer.from(text).toString('base64');
    return {
      object: 'file /etc/x',
      action: { op: 'file', file: { do: 'write', path: '/etc/x', content, mode: 0o644 } },
      undo,
    };
  };
  const ledger = open();
  for (let run = 0; run < 500; run++) await carryOut(ledger, write(String(run)));
  expect(readFileSync(path, 'utf8').split('\n').length).toBeLessThan(210);
  expect(open().entries).toMatchObject([{ object: 'file /etc/x', undo }]);
});

test('the ledger of another lab is refused', async () => {
  await carryOut(open(), add('a'));
  expect(() => new Ledger('other', path, 'boot')).toThrow('is the ledger of another lab, lab');
});

test('files that nobody here named are left alone', async () => {
  for (const name of ['%.ndjson', 'a b.ndjson', '..last.json', 'x.last.json']) writeFileSync(join(folder, name), 'x');
  const store = new LedgerStore(folder, 'boot');
  await carryOut(store.ledger('lab'), add('a'));
  expect(new LedgerStore(folder, 'boot').labs()).toEqual(['lab', 'x']);
});

test('a lab whose first step failed remembers how the host was, too', async () => {
  const store = new LedgerStore(folder, 'boot');
  const items = Object.fromEntries(sections.map((section) => [section, {}])) as NetnsState['items'];
  for (const lab of ['lab', 'failed']) await store.snapshot(lab).replace({ '': { items, unread: {} } });
  await carryOut(store.ledger('lab'), add('a'));
  expect(store.others('x').map(({ lab }) => lab)).toEqual(['lab']);
  expect(store.remembered('x').map(({ inverses }) => inverses.length)).toEqual([0, 1]);
  expect(store.remembered('lab')).toHaveLength(1);
});

test('a name that no file can have is refused', () => {
  const store = new LedgerStore(folder, 'boot');
  expect(() => store.ledger('')).toThrow('cannot be the name of a lab');
  expect(() => store.ledger('ä'.repeat(40))).toThrow('cannot be the name of a lab');
});

test('no steps, no file', async () => {
  await carryOut(open());
  expect(() => statSync(path)).toThrow('ENOENT');
});

test('a file that cannot be written fails before anything is changed', async () => {
  const ledger = new Ledger('lab', join(folder, 'none', 'lab.ndjson'), 'boot');
  await expect(ledger.intend({ run: 'run' }, [add('a')])).rejects.toMatchObject({ code: 'ledger-failed' });
});

test('stays small however often things come and go', async () => {
  const ledger = open();
  await carryOut(ledger, add('kept'));
  for (let round = 0; round < 300; round++) await carryOut(ledger, add('a'), remove('a'));
  expect(readFileSync(path, 'utf8').split('\n').length).toBeLessThan(250);
  expect(open().objects).toEqual(['netns kept']);
});

test('undoing newest first always leads back to the first state', async () => {
  const names = fc.constantFrom('a', 'b', 'c');
  const wish = fc.record({ name: names, present: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(names), fc.array(wish, { maxLength: 12 }), async (first, wishes) => {
      rmSync(path, { force: true });
      const host = new Set<string>(first);
      for (const { name, present } of wishes) {
        if (host.has(name) === present) continue;
        // Each step by a ledger that was opened anew, as after a crash.
        await carryOut(open(), present ? add(name) : remove(name));
        if (present) host.add(name);
        else host.delete(name);
      }
      const owned = open().objects.map((object) => object.slice('netns '.length));
      expect(owned.sort()).toEqual([...host].filter((name) => !new Set<string>(first).has(name)).sort());
      for (const action of open()
        .entries.toReversed()
        .flatMap((entry) => entry.undo)) {
        if (action.op === 'netns-add') host.add(action.name);
        if (action.op === 'netns-delete') host.delete(action.name);
      }
      expect([...host].sort()).toEqual([...first].sort());
    }),
    { numRuns: 60 },
  );
});

test.each([
  '{"r":"entry"}',
  '{"r":"entry","entry":{"seq":9}}',
  '{"r":"foreseen","entry":{"seq":9}}',
  '{"r":"begun","seqs":9}',
  '{"r":"drop"}',
  '{"r":"drop","seqs":"1"}',
  '{"r":"done","seq":1,"guard":{"kind":"sysctl"}}',
  'null',
  '"entry"',
  '{"r":"else"}',
  `{"r":"entry","entry":{"seq":9,"run":"r","object":"o","removes":false,"state":"done","boot":"boot","undo":[{"op":"exec","command":{"argv":"rm"}}]}}`,
  ...[
    { op: 'sysctl', key: 'net/../../../etc/passwd', value: 'x' },
    { op: 'sysctl', key: 'net/ipv4/ip_forward\n', value: 'x' },
    { op: 'netns-delete', name: '../../etc' },
    { op: 'ip', netns: '../1', args: ['link', 'delete', 'v1'] },
    { op: 'ip', args: ['link', 'delete', 'v1\nlink delete eth0'] },
    { op: 'file', file: { do: 'unlink', path: '/etc/x\0' } },
    { op: 'file', file: { do: 'unlink', path: 'etc/x' } },
    { op: 'daemon-remove', name: '../../../etc/x' },
  ].map((undo) => {
    const entry = { seq: 9, run: 'r', object: 'o', removes: false, state: 'done', boot: 'boot', undo: [undo] };
    return JSON.stringify({ r: 'entry', entry });
  }),
  '{"r":"entry","entry":{"seq":9007199254740991,"run":"r","object":"o","removes":false,"state":"done","boot":"boot","undo":[]}}',
])('a line that no agent wrote is counted, and stops nothing: %s', async (line) => {
  await carryOut(open(), add('a'));
  appendFileSync(path, `${line}\n`);
  const ledger = open();
  expect(ledger.damaged).toBe(1);
  expect(ledger.objects).toEqual(['netns a']);
});
