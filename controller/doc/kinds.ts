/** What `orch doc` explains, in the order in which it does. */
export const entryKinds = ['module', 'keyword', 'filter', 'test', 'lookup'] as const;

export type EntryKind = (typeof entryKinds)[number];
