import { defineModule, type Plan } from './module.ts';
import { type AddressRow, addressRow, addressText, sameKey, wantedAddress } from './shared/address/address.ts';
import { addressContradictions, addressNeeds, addressParams } from './shared/address/params.ts';
import { addressObject, makeAddress, removeAddress } from './shared/address/steps.ts';
import { noneOf } from './shared/fields.ts';
import { readRows, requireLink } from './shared/place.ts';
import { rows } from './shared/rows.ts';

type Params = ReturnType<typeof addressParams.parse>;

/** An address for the diff: its attributes only where the task says them. */
function view(params: Params, row: AddressRow | undefined): Readonly<Record<string, unknown>> {
  if (row === undefined) return { state: 'absent' };
  const said = (key: keyof Params, value: unknown) => (params[key] === undefined ? {} : { [key]: value });
  return {
    address: addressText(row),
    dev: params.dev,
    ...said('label', row.label),
    ...said('broadcast', row.broadcast),
    ...said('metric', row.metric),
    ...said('protocol', row.protocol),
    ...said('noprefixroute', row.noprefixroute),
    ...said('nodad', row.nodad),
    ...said('home', row.home),
    ...said('mngtmpaddr', row.mngtmpaddr),
    ...said('autojoin', row.autojoin),
    ...said('valid_lft', row.valid),
    ...said('preferred_lft', row.preferred),
  };
}

function planAbsent(params: Params, present: AddressRow | undefined, current: readonly AddressRow[]): Plan {
  const after = { state: 'absent' };
  if (present === undefined) return { steps: [], before: after, after };
  const before = { address: addressText(present), dev: params.dev };
  return { steps: removeAddress(params, present, current), before, after };
}

function planPresent(params: Params, asked: AddressRow, current: readonly AddressRow[]): Plan {
  const { present, wanted, steps, anew } = makeAddress(params, asked, current);
  const [before, after] = [view(params, present), view(params, wanted)];
  if (present !== undefined) {
    const warnings = anew
      ? [`${addressText(present)} on ${params.dev} is taken off and put on again: routes that need it go`]
      : [];
    return { steps, before: steps.length === 0 ? after : before, after, warnings };
  }
  const others = current.filter((row) => row.address === asked.address).map(addressText);
  const warnings = others.length === 0 ? [] : [`${params.dev} also has ${others.join(', ')}, which stays`];
  return { steps, before, after, warnings };
}

export const module = defineModule({
  name: 'address',
  form: 'converge',
  summary: 'Puts an IPv4 or IPv6 address on a link, or takes it off.',
  notes:
    'An IPv4 address with another prefix is another address: it is left alone, with a warning. An IPv6 address is on a ' +
    'link once; another prefix replaces it. What the task leaves open stays as it is; what the kernel cannot change in ' +
    'place takes the address off for a moment, with a warning. A lifetime is as asked while what is left of it is no ' +
    'more than that, so a second run does not renew it; an address that has expired is put on again.',
  examples: [
    'address:\n  address: 172.16.91.101/24\n  dev: ipvlan1\n  netns: ns01',
    'address:\n  address: fd00::1\n  prefix: 64\n  dev: br0\n  nodad: true',
    'address:\n  address: 10.0.0.1/24\n  dev: eth0\n  broadcast: +\n  noprefixroute: true',
    'address:\n  address: fd00::9/64\n  dev: eth0\n  valid_lft: 3600\n  preferred_lft: 1800',
    'address:\n  cidr: 192.168.1.1/32\n  dev: ipvlan0\n  state: absent',
  ],
  params: addressParams.superRefine(noneOf(addressContradictions)),

  needs: (params) => (params.state === 'absent' ? [] : addressNeeds(params)),

  objects: (params) => [wantedAddress(params) ?? []].flat().map((wanted) => addressObject(params, wanted)),

  async read(params, host): Promise<readonly AddressRow[]> {
    const link = (await readRows(host, params.netns, ['address', 'show', 'dev', params.dev]))[0];
    if (link === undefined && params.state === 'present') await requireLink(host, params.netns, params.dev);
    return link === undefined ? [] : rows(link, 'addr_info').map((row) => addressRow(row, params.dev));
  },

  plan(params, current) {
    const wanted = wantedAddress(params);
    if (wanted === undefined) return { steps: [], before: {}, after: {} };
    if (params.state === 'present') return planPresent(params, wanted, current);
    const named = current.find((row) => sameKey(row, wanted) && row.prefix === wanted.prefix);
    return planAbsent(params, named, current);
  },
});
