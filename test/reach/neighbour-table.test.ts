import { describe, expect, test } from 'vitest';
import type { Host, HostCommand } from '../../agent/linux/host.ts';
import { module } from '../../agent/modules/reach.ts';
import { fakeHost, hostAnswers } from '../modules/fake-host.ts';

const silent = '10.0.0.2 : [0], timed out (NaN avg, 100% loss)\n';

/** A host whose neighbour table refuses 900 entries while fping runs; `limit` is its gc_thresh3, undefined where the key is hidden. */
function fullHost(limit: string | undefined) {
  const did: string[] = [];
  let fulls = 100;
  const base = fakeHost(hostAnswers.parse({ ip: { 'route get 10.0.0.2': [{ prefsrc: '10.0.0.1' }] } }));
  const host: Host = {
    ...base,
    sysctl: async () => limit,
    exec: async ({ argv, stdin }: HostCommand) => {
      const [program] = argv;
      let stdout = '';
      if (program === 'ip') stdout = `[{"family":"inet","table_fulls":${fulls}}]`;
      else if (program === 'fping') {
        fulls += 900;
        stdout = silent;
        did.push('fping');
      } else did.push(`${argv.join(' ')} <${stdin}`);
      return { status: 0, stdout, stderr: '', timedOut: false };
    },
  };
  return { host, did };
}

function measure(host: Host, raiseNeighbourLimit: boolean) {
  const params = module.params.parse({ probes: [{ targets: ['10.0.0.2'] }], count: 1, raiseNeighbourLimit });
  return module.run(params, host, {
    signal: new AbortController().signal,
    check: false,
    output: () => {},
    apply: async () => {},
  });
}

describe('a full neighbour table', () => {
  test('is said, with what to do', async () => {
    const { host, did } = fullHost('1024');
    const { warnings } = await measure(host, false);
    expect(warnings).toEqual([
      'the neighbour table was full (900 entries refused while measuring), so some unreachable cells may be reachable: set raise_neighbour_limit, or raise net.ipv4.neigh.default.gc_thresh3',
    ]);
    expect(did).toEqual(['fping']);
  });

  test('gets room while measuring, and its limit back', async () => {
    const { host, did } = fullHost('1024');
    await measure(host, true);
    const file = '/proc/sys/net/ipv4/neigh/default/gc_thresh3';
    expect(did).toEqual([`tee ${file} <1026`, 'fping', `tee ${file} <1024`]);
  });

  test('is left alone where the key is not visible', async () => {
    const { host, did } = fullHost(undefined);
    await measure(host, true);
    expect(did).toEqual(['fping']);
  });
});
