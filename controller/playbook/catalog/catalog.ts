import type * as z from 'zod';

/** What the parser must know of a module or action. */
export interface CatalogEntry {
  readonly name: string;
  /** One line about it. */
  readonly summary?: string;
  readonly params: z.ZodType;
  /** The parameter that free text goes to (`command: uptime`). */
  readonly freeForm?: string | undefined;
  /** Other names of parameters: {dest: 'path'}. */
  readonly aliases?: Readonly<Record<string, string>> | undefined;
  /** Parameters whose texts are expressions. */
  readonly raw?: readonly string[] | undefined;
}

/** Modules and actions by name. */
export type Catalog = ReadonlyMap<string, CatalogEntry>;

const ours = /^(?:ansible\.(?:builtin|legacy|posix)|community\.general)\.(?=\w+$)/;

/** Other names of Ansible for what is here. */
export const synonyms: Readonly<Record<string, string>> = {
  gather_facts: 'setup',
  systemd_service: 'systemd',
  ip_netns: 'netns',
  yum: 'dnf',
  dnf5: 'dnf',
};

/** Whether a name means the module that has setup tell what a play begins with. */
export const gathersFacts = (name: string): boolean => name.replace(ours, '') === 'gather_facts';

/** A name as tasks write it, without the prefix of a collection whose modules are here: `ansible.builtin.copy` is `copy`. */
export function canonicalName(name: string): string {
  const own = name.replace(ours, '');
  return (Object.hasOwn(synonyms, own) ? synonyms[own] : undefined) ?? own;
}
