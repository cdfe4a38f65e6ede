import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Engine } from '../../agent/engine/engine.ts';
import { addressesBack } from '../../agent/engine/losses/found-addresses.ts';
import type { Action } from '../../agent/linux/action.ts';
import { OrchError } from '../../proto/errors.ts';
import { rollBackRun, runTasks } from '../e2e/engine-runs.ts';
import { FakeHost } from './fake-host.ts';
import { fakeModules } from './fake-modules.ts';

const folder = mkdtempSync(join(tmpdir(), 'orch-addresses-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Whose links have these addresses. */
class AddressedHost extends FakeHost {
  addresses: object[] = [];

  override async ip(args: readonly string[], netns?: string) {
    const reply = await super.ip(args, netns);
    if (args[0] !== 'address' || args[2] !== 'dev') return reply;
    return { ...reply, rows: reply.rows.map((row) => ({ ...row, ifname: args[3], addr_info: this.addresses })) };
  }

  /** Addresses are gone by the time that they are taken off. */
  override async apply(action: Action): Promise<void> {
    if (action.op !== 'ip' || action.args[0] !== 'address') return super.apply(action);
    this.applied.push(action.args.join(' '));
    if (action.args[1] === 'delete') throw new OrchError({ code: 'missing-object', summary: 'no such address' });
  }
}

function inet(local: string, label: string): object {
  return { family: 'inet', local, prefixlen: 24, scope: 'global', label };
}

function inet6(local: string, protocol?: string): object {
  return { family: 'inet6', local, prefixlen: 64, scope: 'link', ...(protocol && { protocol }) };
}

test('a rollback is not failed by an address that goes before it gets its label back', async () => {
  const host = new AddressedHost({ links: { v0: 7 } });
  const [labsDir, journalsDir, checkpointsDir] = ['labs', 'journals', 'checkpoints'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const engine = new Engine({ host, modules: fakeModules, labsDir, journalsDir, checkpointsDir, boot: 'boot' });
  host.addresses = [inet('10.1.0.1', 'v0:a')];
  const removal = { module: 'link', items: [{ name: 'v0', absent: true }] };
  expect(await runTasks(engine, [removal])).toMatchObject({ failed: [] });

  host.addresses = [inet('10.1.0.1', 'v0')];
  expect(await rollBackRun(engine)).toEqual([]);
  expect(host.applied).toContain('address delete 10.1.0.1/24 dev v0');
  expect(host.applied).toContain('address add 10.1.0.1/24 dev v0 scope global label v0:a');
  await engine.stop();
});

const made = inet6('fe80::1', 'kernel_ll');
const madeAnew = inet6('fe80::2', 'kernel_ll');

test.each([
  ['another one comes back for it', [made], [madeAnew], ['delete fe80::2/64', 'add fe80::1/64']],
  ['there was none: the link was down, and somebody has brought it up', [], [madeAnew], []],
  ['only one that somebody gave it is gone', [inet6('fe80::77')], [madeAnew], []],
])("the kernel's link-local address when %s", async (_, before, now, words) => {
  const host = new AddressedHost({ links: { v0: 7 } });
  host.addresses = [...now, inet('10.1.0.1', 'v0')];
  const found = { dev: 'v0', addresses: [...before, inet('10.1.0.1', 'v0')] as Record<string, unknown>[] };
  const actions = await addressesBack(found, 'addresses', host);
  const said = actions.flatMap((action) => (action.op === 'ip' ? action.args.slice(1, 3).join(' ') : []));
  expect(said).toEqual(words);
});
