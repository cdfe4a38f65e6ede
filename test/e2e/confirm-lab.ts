// What tests of confirmation share: two hosts whose controller comes by their default route.
import { expect } from 'vitest';
import { type FaultsLab, faultsLab } from './faults-lab.ts';
import { hostStates } from './host-state.ts';

/** Emulated hosts take minutes: they are tried with ORCH_TEST_ALL=1. */
export const all = process.env.ORCH_TEST_ALL === '1';

/** Where it is tried, how many seconds a host waits for a word there, and what a run may take beside such waits. */
export const places = [
  { driver: 'netns', seconds: 4, besideS: 4 },
  ...(all ? [{ driver: 'qemu', seconds: 20, besideS: 60 }] : []),
] as const;

export const both = { vm01: {}, vm02: {} };

export interface ConfirmLab extends FaultsLab {
  /** Nothing of a run is left, and a new one reaches the hosts. */
  expectAsBefore(): Promise<void>;
  /** What a host knows of a run that waits for a word, or of how the last one ended. */
  checkpoint(
    host: string,
    lab: string,
    which?: 'armed' | 'settled',
  ): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** Waits until a host no longer waits for a word. */
  settled(host: string, lab: string): Promise<void>;
}

export async function confirmLab(driver: string): Promise<ConfirmLab> {
  const lab = await faultsLab(2, driver);
  const addresses = [
    ['vm01', '172.16.91.10'],
    ['vm02', '172.16.91.14'],
  ] as const;
  await Promise.all(
    addresses.map(([host, address]) =>
      lab.on(
        host,
        `ip address add ${address}/32 dev ens34 && ip address delete ${address}/24 dev ens34 && ip route replace default via 172.16.91.2 dev ens34 onlink`,
      ),
    ),
  );
  await lab.run('first', both, [{ command: 'true' }]);
  const before = await hostStates(lab.testbed);
  const checkpoint: ConfirmLab['checkpoint'] = async (host, name, which = 'armed') => {
    const text = await lab.on(host, `cat /var/lib/orch/checkpoints/${name}.${which} 2>/dev/null || true`);
    return text === '' ? undefined : JSON.parse(text);
  };
  return {
    ...lab,
    checkpoint,
    async expectAsBefore() {
      expect(await hostStates(lab.testbed)).toEqual(before);
      expect((await lab.run('after', both, [{ command: 'true' }])).code).toBe(0);
    },
    settled: async (host, name) => {
      await lab.on(host, `while [ -e /var/lib/orch/checkpoints/${name}.armed ]; do sleep 0.2; done`);
    },
  };
}
