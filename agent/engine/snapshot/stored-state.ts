import * as z from 'zod';
import { addressOrders } from './address-orders.ts';
import { keyed } from './keys.ts';
import { type Items, type NetnsState, type Section, sections } from './state.ts';

/**
 * A namespace as a snapshot's file has it: the rows alone, because names of things are words that another version of the
 * agent may choose otherwise.
 */
export const storedState = z.lazy(() =>
  z.object({
    rows: z.partialRecord(z.enum(sections), z.array(z.record(z.string(), z.unknown()))),
    sysctls: z.record(z.string().refine(isPath), z.string()),
    unread: z.partialRecord(z.enum(sections), z.string()),
  }),
);

/** Each part of it a name, so that it leads nowhere else. */
function isPath(key: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return !/[\u0000-\u001f]|(^|\/)\.{0,2}(\/|$)/.test(key);
}

export type StoredState = z.infer<typeof storedState>;

export function toStored({ items, unread }: NetnsState): StoredState {
  const rows = sections
    .filter(isStored)
    .map((section) => [section, Object.values(items[section]).filter((item) => typeof item !== 'string')]);
  const sysctls: Record<string, string> = {};
  for (const [key, value] of Object.entries(items.sysctls)) if (typeof value === 'string') sysctls[key] = value;
  return { rows: Object.fromEntries(rows), sysctls, unread };
}

export function fromStored({ rows, sysctls, unread }: StoredState): NetnsState {
  const items = sections.map((section): [Section, Items] => [section, keyed(section, rows[section] ?? [])]);
  const addresses = keyed('addresses', rows.addresses ?? []);
  // A former agent did not look at all that this one does.
  const missing = sections.filter(
    (section) => section !== 'sysctls' && isStored(section) && rows[section] === undefined,
  );
  const notLooked = Object.fromEntries(missing.map((section) => [section, 'not in the snapshot']));
  return {
    items: {
      ...(Object.fromEntries(items) as NetnsState['items']),
      'address orders': addressOrders(addresses),
      sysctls,
    },
    unread: { ...notLooked, ...unread },
  };
}

/** The addresses say in which order they are. */
function isStored(section: Section): boolean {
  return section !== 'address orders';
}
