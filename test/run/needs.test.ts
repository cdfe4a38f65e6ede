import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadInput, refuse, selectInput } from '../../controller/run/input/input.ts';
import { lackError } from '../../controller/run/input/needs.ts';
import { prepareRun } from '../../controller/run/input/prepare.ts';
import type { OrchError } from '../../proto/errors.ts';
import { commandLine, reach } from './simulated-run.ts';

const here = import.meta.dirname;

function knownNeeds(host: string) {
  const errors: OrchError[] = [];
  const loaded = loadInput(join(here, 'needs/playbook.yml'), [join(here, 'inventory.yml')], [], errors);
  const selection = { tags: { only: [], skip: [] }, limit: undefined, startAtTask: undefined };
  const prepared = prepareRun(
    selectInput(loaded, selection, errors),
    { ...commandLine, forceHandlers: false, reach },
    errors,
  );
  refuse(errors);
  return prepared.needs(host);
}

const shown = (host: string) =>
  knownNeeds(host).map(({ what, which, asked, at }) => `${at.line} ${asked}: ${what} ${which}`);

test('what plays are known to need of a host, before they have begun', () => {
  const common = [
    '4 bridge: link bridge',
    '5 bridge: fdb_max_learned: kernel 6.7',
    '5 bridge: fdb_max_learned: iproute2 6.7',
    '11 vxlan: link vxlan',
    '12 vxlan: localbypass: kernel 6.5',
    '12 vxlan: localbypass: iproute2 6.5',
    '31 dummy: link dummy',
    '33 ifb: link ifb',
  ];
  const alone = [
    ...['42 wireguard: link wireguard', '42 wireguard: program wg', '43 gre: link gre', '43 gre: encap: module fou'],
    ...['44 daemon: argv: program bird', '49 gre: fwmark: kernel 4.12', '49 gre: fwmark: iproute2 4.12'],
    ...['50 address: protocol: kernel 5.18', '50 address: protocol: iproute2 6.3'],
    ...['51 addresses: protocol: kernel 5.18', '51 addresses: protocol: iproute2 6.3'],
    ...['53 nexthop: group: kernel 6.12', '53 nexthop: group: iproute2 6.12'],
    ...[
      '55 rule: dport: kernel 6.15',
      '55 rule: dport: iproute2 6.15',
      '55 rule: dscp: kernel 6.12',
      '55 rule: dscp: iproute2 6.12',
    ],
  ];
  expect(shown('vm01')).toEqual([...common, ...alone]);
  expect(shown('vm03')).toEqual([]);
  const netkit = ['8 netkit: kernel 6.7', '8 netkit: iproute2 6.7', '8 netkit: link netkit'];
  const ofItems = [
    ...['58 daemon: argv: program bird', '58 daemon: argv: program radvd'],
    ...['60 address: protocol: kernel 5.18', '60 address: protocol: iproute2 6.3'],
  ];
  expect(shown('vm02')).toEqual([...common.slice(0, 3), ...netkit, ...common.slice(3), ...ofItems]);
});

test('a host that lacks some of it is told which task needs what', () => {
  const needs = knownNeeds('vm01');
  const error = lackError('vm01', needs, [
    { need: 1, has: 'Linux 6.1.0' },
    { need: 9, has: 'no such program' },
  ]);
  expect(error).toMatchObject({
    code: 'unsupported-by-host',
    summary: 'bridge: fdb_max_learned needs Linux 6.7 or newer, and vm01 has Linux 6.1.0.',
    detail: expect.stringMatching(
      /needs\/playbook\.yml:42: wireguard needs the program wg, and vm01 has no such program\.$/,
    ),
    hint: 'Nothing was changed on vm01. Leave it out there (when), or use a host that has it.',
    where: { line: 5, column: 45 },
  });
});
