import * as z from 'zod';
import type { Host } from '../linux/host.ts';
import { defineModule, type Plan, type Step } from './module.ts';
import {
  type AddressRow,
  addressRow,
  addressText,
  isKernelMade,
  sameKey,
  wantedAddress,
} from './shared/address/address.ts';
import {
  isEmptied,
  type Lost,
  lastingNeighbours,
  lostAgain,
  routesOver,
  stillPossible,
} from './shared/address/emptied.ts';
import { addressContradictions, addressFields, addressNeeds } from './shared/address/params.ts';
import { addressObject, makeAddress, removeAddress } from './shared/address/steps.ts';
import { inNetns, linkName } from './shared/fields.ts';
import { exactField, listView } from './shared/lists.ts';
import { readRows, requireLink, requireNetns } from './shared/place.ts';
import { readAllRoutes } from './shared/route/read.ts';
import { isKernelMade as isKernelRoute } from './shared/route/route.ts';
import { rows, text } from './shared/rows.ts';

const fields = z.strictObject({
  addresses: z
    .array(addressFields.partial({ dev: true }))
    .max(10_000)
    .describe('The addresses, each with the fields of the module address.'),
  dev: linkName.optional().describe('Link that they are on, if it is one; `exact` is then about it alone.'),
  exact: exactField,
  netns: inNetns,
});
type Params = z.infer<typeof fields>;

interface Link {
  readonly dev: string;
  readonly addresses: readonly AddressRow[];
  /** Where all of them go: what the kernel takes along. */
  readonly along?: Lost | undefined;
}

type Entry = z.infer<typeof addressFields>;

/** Each entry with its link. */
function entriesOf(params: Params): readonly Entry[] {
  return params.addresses.map((entry) => ({ ...entry, dev: entry.dev ?? params.dev ?? '' }));
}

/** Whether the list says nothing of an address that is there. */
function isGoing({ exact }: Params, dev: string, entries: readonly Entry[]): (row: AddressRow) => boolean {
  const wanted = entries.filter((entry) => entry.dev === dev).flatMap((entry) => wantedAddress(entry) ?? []);
  return (row) => exact && !wanted.some((each) => sameKey(row, each)) && !isKernelMade(row, dev);
}

/** The links, those that lose all of their IPv4 addresses with what goes along. */
async function withAlong(links: readonly Link[], params: Params, host: Host): Promise<readonly Link[]> {
  const entries = entriesOf(params);
  const emptied = links.filter(({ dev, addresses }) => isEmptied(addresses, isGoing(params, dev, entries)));
  if (emptied.length === 0) return links;
  const routes = (await readAllRoutes(host, params.netns, 4)).filter((route) => !isKernelRoute(route));
  return Promise.all(
    links.map(async (link) => {
      if (!emptied.includes(link)) return link;
      const over = routesOver(new Set([link.dev]), routes);
      return { ...link, along: { routes: over, neighbours: await lastingNeighbours(host, params.netns, link.dev) } };
    }),
  );
}

function shown(dev: string, row: AddressRow): string {
  return `${addressText(row)} on ${dev}`;
}

/** Removals from the last address of a link to the first: secondary ones go before the one that takes them along. */
function removals(params: Params, { dev, addresses }: Link, goes: readonly AddressRow[]): Step[] {
  return goes.toReversed().flatMap((row, at, order) => {
    const gone = new Set(order.slice(0, at));
    const left = addresses.filter((other) => !gone.has(other));
    return removeAddress({ dev, netns: params.netns }, row, left);
  });
}

function planLink(params: Params, link: Link, entries: readonly Entry[]) {
  const { dev, addresses } = link;
  const place = { dev, netns: params.netns };
  const wanted = entries.flatMap((entry) => wantedAddress(entry) ?? []);
  const goes = addresses.filter(isGoing(params, dev, entries));
  const left = addresses.filter((row) => !goes.includes(row));
  const made = wanted.map((each) => makeAddress(place, each, left));
  // What is made anew may take others along, so it comes before new ones.
  const [old, fresh] = [made.filter((each) => each.present), made.filter((each) => !each.present)];
  return {
    steps: [...removals(params, link, goes), ...[...old, ...fresh].flatMap((each) => each.steps)],
    entries: made.map(({ present, wanted, steps }) => {
      const text = shown(dev, wanted);
      return {
        wanted: text,
        present: steps.length === 0 ? [text] : present === undefined ? [] : [shown(dev, present)],
      };
    }),
    goes: goes.map((row) => shown(dev, row)),
    anew: made.filter((each) => each.anew).map((each) => shown(dev, each.wanted)),
    next: [...old, ...fresh].map((each) => each.wanted),
  };
}

/** What goes with the last address of a link for a moment, and can be had with those that it has next. */
function againSteps(links: readonly (Link & { readonly next: readonly AddressRow[] })[], netns: string | undefined) {
  const emptied = links.filter(({ along }) => along !== undefined);
  const routes = new Set(emptied.flatMap(({ along }) => along?.routes ?? []));
  const next = new Map(emptied.map((link) => [link.dev, link.next]));
  const neighbours = emptied.flatMap(({ along }) => along?.neighbours ?? []);
  return lostAgain({ routes: stillPossible([...routes], next), neighbours }, netns);
}

export const module = defineModule({
  name: 'addresses',
  form: 'converge',
  summary: 'Leads the addresses of a namespace or a link to a list of them.',
  notes:
    'Adds and changes as the module address does. With `exact: true` every other address goes: of the link that `dev` ' +
    'names, else of all links in the namespace. What the kernel made itself stays: 127.0.0.1 and ::1 on lo, link-local, ' +
    'temporary and announced (RA) addresses. Others go before new ones come, because a network has one first address. ' +
    'Neighbours of a link whose IPv4 addresses all go, and routes over it whose gateways its new addresses reach, stay.',
  examples: [
    'addresses:\n  netns: ns01\n  exact: true\n  addresses:\n    - { address: 10.0.0.1/24, dev: eth0 }\n    - { address: "fd00::1/64", dev: eth0, nodad: true }',
    'addresses:\n  dev: br0\n  exact: true\n  addresses: []',
  ],
  params: fields.superRefine((params, context) => {
    if (params.exact && params.netns === undefined && params.dev === undefined) {
      const message = 'say dev: without it, it is about every link of the host';
      context.addIssue({ code: 'custom', path: ['exact'], message });
    }
    for (const [at, entry] of entriesOf(params).entries()) {
      const found = addressContradictions(entry);
      if (entry.dev === '') found.push(['dev', 'say the link']);
      if (params.dev !== undefined && entry.dev !== params.dev) found.push(['dev', `is not ${params.dev}`]);
      for (const [field, message] of found)
        context.addIssue({ code: 'custom', path: ['addresses', at, field], message });
    }
  }),

  needs: (params) => entriesOf(params).flatMap(addressNeeds),

  objects: (params) =>
    entriesOf(params).flatMap((entry) => {
      const wanted = wantedAddress(entry);
      return wanted === undefined ? [] : [addressObject({ dev: entry.dev, netns: params.netns }, wanted)];
    }),

  async read(params, host): Promise<readonly Link[]> {
    const { netns, dev } = params;
    const found = await readRows(host, netns, ['address', 'show', ...(dev === undefined ? [] : ['dev', dev])]);
    const links = found.map((row) => {
      const name = text(row, 'ifname') ?? '';
      return { dev: name, addresses: rows(row, 'addr_info').map((each) => addressRow(each, name)) };
    });
    const named = new Set([...(dev === undefined ? [] : [dev]), ...entriesOf(params).map((entry) => entry.dev)]);
    const missing = [...named].filter((name) => !links.some((link) => link.dev === name));
    for (const name of missing) await requireLink(host, netns, name);
    if (links.length === 0) await requireNetns(host, netns);
    return [...(await withAlong(links, params, host)), ...missing.map((name) => ({ dev: name, addresses: [] }))];
  },

  plan(params, current): Plan {
    const entries = entriesOf(params);
    const links = current.map((link) => ({
      ...link,
      ...planLink(
        params,
        link,
        entries.filter((entry) => entry.dev === link.dev),
      ),
    }));
    return {
      steps: [...links.flatMap((link) => link.steps), ...againSteps(links, params.netns)],
      ...listView(
        'addresses',
        links.flatMap((link) => link.entries),
        links.flatMap((link) => link.goes),
      ),
      warnings: links.flatMap((link) =>
        link.anew.map((text) => `${text} is taken off and put on again: routes that need it go`),
      ),
    };
  },
});
