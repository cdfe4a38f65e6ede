import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NamespaceView } from '../../../agent/linux/netlink/namespace-view.ts';

interface Told {
  readonly links: Readonly<Record<string, readonly unknown[]>>;
  /** By family and destination. */
  readonly routes: Readonly<Record<string, readonly unknown[]>>;
}

/** What a kernel said of a namespace (Linux 6.18), and what ip made of the same (iproute2 6.15). */
const bytes = Buffer.from(readFileSync(join(import.meta.dirname, 'veth.hex'), 'latin1').replaceAll('\n', ''), 'hex');
const told: Told = JSON.parse(readFileSync(join(import.meta.dirname, 'veth.json'), 'utf8'));

function seen(dump: Buffer): Told | undefined {
  const view = NamespaceView.of(dump);
  if (view === undefined) return undefined;
  const links = Object.keys(told.links).map((name) => [name, view.link(name)]);
  const routes = Object.keys(told.routes).map((key) => {
    const [family, dst = ''] = key.split(' ');
    return [key, view.routes(family === '6' ? 6 : 4, dst)];
  });
  return { links: Object.fromEntries(links), routes: Object.fromEntries(routes) };
}

test('rows are those of ip', () => {
  expect(seen(bytes)).toEqual(told);
});

test('what is not there', () => {
  const view = NamespaceView.of(bytes);
  // ip finds links by other names, too.
  expect(view?.link('eth1')).toBeUndefined();
  expect(view?.routes(4, '10.95.0.0/16')).toEqual([]);
});

test('dumps that are cut short tell nothing', () => {
  for (let length = 0; length < bytes.length; length += 1)
    expect(NamespaceView.of(bytes.subarray(0, length))).toBeUndefined();
});

test('no byte that is another makes it fail', () => {
  // Each of them would take seconds.
  for (let at = 0; at < bytes.length; at += 5) {
    const other = Buffer.from(bytes);
    other[at] = (other[at] ?? 0) ^ 0xff;
    seen(other);
  }
});

test('a dump that was interrupted by a change, or refused, tells nothing', () => {
  const flags = (value: number) => {
    const other = Buffer.from(bytes);
    other.writeUInt16LE(value, 6);
    return other;
  };
  expect(NamespaceView.of(flags(0x12))).toBeUndefined();
  const refused = Buffer.from(bytes);
  refused.writeUInt16LE(2, 4);
  expect(NamespaceView.of(refused)).toBeUndefined();
});
