import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Interrupt } from '../../controller/run/hosts/interrupt.ts';
import { comparePositions } from '../../controller/run/position.ts';
import { Stop } from '../../controller/run/signals.ts';
import { Rendezvous } from '../../controller/run/walk/rendezvous.ts';
import { serialBatches } from '../../controller/run/walk/serial.ts';
import { Steps } from '../../controller/run/walk/steps.ts';
import { rememberSecret } from '../../controller/vault/secret-texts.ts';

describe('serial batches', () => {
  const hosts = ['a', 'b', 'c', 'd', 'e'];
  it.each([
    [[], [5]],
    [[2], [2, 2, 1]],
    [
      [1, 3],
      [1, 3, 1],
    ],
    [['40%'], [2, 2, 1]],
    [['1%'], [1, 1, 1, 1, 1]],
    [
      [1, '100%'],
      [1, 4],
    ],
    [[0], [5]],
  ] as const)('of %j for five hosts', (sizes, expected) => {
    const batches = serialBatches(hosts, sizes);
    expect(batches.map((batch) => batch.length)).toEqual(expected);
    expect(batches.flat()).toEqual(hosts);
  });
});

describe('positions', () => {
  it('sort as the play is read', () => {
    const read = [[0], [0, 0, 1], [0, 1, 0], [0, 2, 0], [1], [1, 3], [2, 0], [10]];
    expect([...read].reverse().sort(comparePositions)).toEqual(read);
  });
});

describe('a rendezvous', () => {
  it('never leaves a host waiting, whatever way each takes', async () => {
    const hosts = ['a', 'b', 'c', 'd'];
    const ways = fc.array(fc.subarray([0, 1, 2, 3, 4, 5]), { minLength: hosts.length, maxLength: hosts.length });
    const property = fc.asyncProperty(ways, async (taken) => {
      const rendezvous = new Rendezvous(hosts);
      const met: string[] = [];
      const walks = hosts.map(async (host, index) => {
        for (const stop of taken[index] ?? []) {
          const { hosts: together } = await rendezvous.meet(host, [stop]);
          if (together[0] === host) met.push(`${stop}: ${together.join(' ')}`);
        }
        rendezvous.leave(host);
      });
      await Promise.all(walks);
      // All that go by a stop meet there, since every way leads forward.
      const expected = [0, 1, 2, 3, 4, 5].flatMap((stop) => {
        const together = hosts.filter((_, index) => taken[index]?.includes(stop));
        return together.length > 0 ? [`${stop}: ${together.join(' ')}`] : [];
      });
      expect(met).toEqual(expected);
    });
    await fc.assert(property, { numRuns: 200 });
  });
});

describe('a question of --step', () => {
  it('has the terminal to itself, and no secrets', async () => {
    rememberSecret('hunter2-x');
    const heard: unknown[] = [];
    const steps = new Steps(async (question) => {
      heard.push(question);
      return 'y';
    }, new Interrupt());
    const gathering = await new Rendezvous(['a'], undefined).meet('a', [0]);
    expect(await steps.does(gathering, 'ping hunter2-x', (event) => heard.push(event))).toBe(true);
    const question = 'Perform task: TASK: ping ******** (N)o/(y)es/(c)ontinue: ';
    expect(heard).toEqual([{ type: 'typing', begins: true }, question, { type: 'typing', begins: false }]);
  });

  it('ends at Ctrl-C, whoever was to answer it', async () => {
    const heard: unknown[] = [];
    const interrupt = new Interrupt();
    const steps = new Steps(() => new Promise(() => undefined), interrupt);
    const gathering = await new Rendezvous(['a'], undefined).meet('a', [0]);
    const does = steps.does(gathering, 'ping', (event) => heard.push(event));
    interrupt.press();
    await expect(does).rejects.toThrow(Stop);
    expect(heard.at(-1)).toEqual({ type: 'typing', begins: false });
  });
});
