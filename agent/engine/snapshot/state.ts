/** What a snapshot holds of a network namespace, in the order in which things are put back. */
export const sections = [
  'links',
  'addresses',
  'address orders',
  'nexthops',
  'rules',
  'routes',
  'neighbours',
  'bridge vlans',
  'fdb',
  'mdb',
  'qdiscs',
  'classes and filters',
  'nft tables',
  'sysctls',
] as const;
export type Section = (typeof sections)[number];

/** One thing as its tool prints it; a sysctl is its value. */
export type Item = string | Readonly<Record<string, unknown>>;

/** Things by their name in words: "default via 172.16.91.2 dev ens34". */
export type Items = Readonly<Record<string, Item>>;

/** One network namespace as it was at one moment. */
export interface NetnsState {
  readonly items: Readonly<Record<Section, Items>>;
  /** Sections that could not be read, and why. */
  readonly unread: Readonly<Partial<Record<Section, string>>>;
}

/** What a snapshot holds of a host: "" is its own namespace. */
export type HostState = Readonly<Record<string, NetnsState>>;

/** What is known by a name; links and namespaces may be called like a part of every object of JavaScript, "__proto__". */
export function own<T>(all: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(all, name) ? all[name] : undefined;
}

/** The host's own namespace, where a name is needed. */
export const ownNetns = '';

/** A namespace as the rest of the agent names it: undefined is the host's own. */
export function netnsName(name: string): string | undefined {
  return name === ownNetns ? undefined : name;
}

/** One thing that is not as it was. */
export interface Difference {
  /** "" is the host's own namespace. */
  readonly netns: string;
  readonly section: Section | 'netns';
  readonly key: string;
  /** Absent: it was not there before, or is not there now. */
  readonly before?: Item | undefined;
  readonly after?: Item | undefined;
}
