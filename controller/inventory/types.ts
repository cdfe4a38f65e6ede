import { isIP } from 'node:net';
import type { Vars } from '../playbook/types.ts';

/** What a pattern may call the workstation. */
export const localhosts: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1']);

/** A host's name up to its first point; addresses have no shorter one. */
export const shortName = (host: string): string => (isIP(host) > 0 ? host : (host.split('.')[0] ?? host));

export interface Inventory {
  /** What was read, for the run's first line. */
  readonly source: string;
  /** The same as tasks see it: full paths, and lists of names. */
  readonly sources: readonly string[];
  /** In the order of the files. */
  readonly hosts: ReadonlyMap<string, InventoryHost>;
  /** With `all` and `ungrouped`. */
  readonly groups: ReadonlyMap<string, InventoryGroup>;
  /**
   * The workstation itself: the first host that files name so (see `localhosts`), or one that no group holds and a play
   * may name all the same. That one goes by the name that the first pattern has for it.
   */
  readonly localhost: (asked?: string) => InventoryHost;
}

/** Variables that one place says for a host. */
export interface SaidVars {
  /** Whose they are: "group web", "host vm01". */
  readonly of: string;
  readonly vars: Vars;
}

export interface InventoryHost {
  readonly name: string;
  /** The inventory file that named it first; null for a host that the command line or a task named, none for one that nobody did. */
  readonly file?: string | null | undefined;
  /** Its groups, parents first, without `all`. */
  readonly groups: readonly string[];
  /** Merged: group vars (parents first), then host vars; group_vars/ and host_vars/ beside inventory and playbook included. */
  readonly vars: Vars;
  /** What it says itself, in files and host_vars/, without its groups. */
  readonly ownVars: Vars;
  /** What `vars` is made of, from what loses to what wins. */
  readonly said: () => readonly SaidVars[];
}

export interface InventoryGroup {
  readonly name: string;
  readonly children: readonly string[];
  /** Hosts that stand in it itself; without those of its children. */
  readonly own: readonly string[];
  /** Its own variables, of files and of group_vars/. */
  readonly vars: Vars;
  /** Its own, then those of its children, then of their children. */
  readonly hosts: readonly string[];
}
