import type { DaemonSpec } from './daemons/spec.ts';
import type { LargeContent } from './files/large-content.ts';
import type { HostCommand } from './host.ts';

/**
 * The host's own namespace, where words of an `ip` action need a name for it (`netns NAME`): ip(8) takes a path as well,
 * and the agent's process is put in for `self` as the action is carried out.
 */
export const ownNetns = '/proc/self/ns/net';

/** A change to the kernel or the file system, as data: it is written to the ledger before it is carried out. */
export type Action =
  /**
   * `ip ARGS` in a namespace (absent: the host's own), through the batch coprocess. ARGS may start with -4 or -6.
   * `ifMissing`: what it adds may be there already.
   */
  | {
      readonly op: 'ip';
      readonly netns?: string | undefined;
      readonly args: readonly string[];
      readonly ifMissing?: boolean | undefined;
    }
  /** A write to /proc/sys, seen from that namespace; `key` in dotted or slashed form without /proc/sys. */
  | { readonly op: 'sysctl'; readonly netns?: string | undefined; readonly key: string; readonly value: string }
  | { readonly op: 'netns-add'; readonly name: string }
  | { readonly op: 'netns-delete'; readonly name: string }
  /** `runAs`: with the rights of this user; absent: root's. */
  | { readonly op: 'file'; readonly file: FileAction; readonly runAs?: string | undefined }
  | ToolAction
  /** Runs a program, which must end with 0. `says`: what it does, where its words don't tell that. */
  | {
      readonly op: 'exec';
      readonly command: HostCommand;
      readonly says?: string | undefined;
    }
  /** Defines a supervised process, whatever was defined under its name, and starts it or leaves it stopped. */
  | { readonly op: 'daemon'; readonly daemon: DaemonSpec; readonly run: boolean }
  /** Ends one and forgets it. */
  | { readonly op: 'daemon-remove'; readonly name: string; readonly netns?: string | undefined };

/** Changes by other tools than ip. What they would change or remove and is not there is a `missing-object`. */
export type ToolAction =
  /** Puts `text` ("table inet lab {...}") in the place of the whole table, in one transaction; without `text` deletes it. */
  | {
      readonly op: 'nft';
      readonly netns?: string | undefined;
      readonly family: string;
      readonly table: string;
      readonly text?: string | undefined;
    }
  /**
   * Puts a rule of nftables, as `nft -s list` shows it, before the one with this index in its chain, or at the chain's end;
   * nothing where the chain has as many of it as `count` (1). With `remove` it takes the first one away that is listed so.
   */
  | {
      readonly op: 'nft-rule';
      readonly netns?: string | undefined;
      readonly family: string;
      readonly table: string;
      readonly chain: string;
      readonly rule: string;
      readonly index?: number | undefined;
      readonly count?: number | undefined;
      readonly remove?: boolean | undefined;
    }
  /**
   * Commands of tc for one device, in order, up to the first that fails. `clear` takes away what hangs there first: the
   * tree that starts at the root, or the filters of both ways.
   */
  | {
      readonly op: 'tc';
      readonly netns?: string | undefined;
      readonly dev: string;
      readonly clear?: QueueHook | undefined;
      readonly commands: readonly (readonly string[])[];
    }
  /** `bridge ARGS`: vlans of ports, entries of an fdb or mdb. */
  | { readonly op: 'bridge'; readonly netns?: string | undefined; readonly args: readonly string[] }
  /** All of a WireGuard link's configuration, in the text of wg(8). It holds keys: described without them. */
  | { readonly op: 'wg'; readonly netns?: string | undefined; readonly dev: string; readonly config: string }
  /** One command of `ip macsec ARGS` on a link. It may hold a key: described without it, and never on a command line. */
  | {
      readonly op: 'macsec';
      readonly netns?: string | undefined;
      readonly dev: string;
      readonly args: readonly string[];
    }
  | { readonly op: 'ethtool'; readonly netns?: string | undefined; readonly args: readonly string[] };

export type QueueHook = 'root' | 'clsact' | 'ingress';

export type FileAction =
  /**
   * Atomic write (temporary name in the same folder, rename). `content` is base64, where it is not large. `validate`: a program, with %s in its
   * arguments for the file under its temporary name, that must end with 0 before. `owner`: in place of the old file's, as far as
   * the writer may give it away. `unsafe`: a file that can't be replaced (a mount of its own, in a folder that takes no new
   * file) is written as it stands. `mtime`: milliseconds, of what is copied; else it is that of now.
   */
  | {
      readonly do: 'write';
      readonly path: string;
      readonly content: string | LargeContent;
      readonly mode?: number | undefined;
      readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
      readonly validate?: readonly string[] | undefined;
      readonly unsafe?: boolean | undefined;
      readonly mtime?: number | undefined;
    }
  | { readonly do: 'mkdir' | 'rmdir' | 'unlink' | 'touch'; readonly path: string; readonly mode?: number | undefined }
  /** Times in milliseconds; one that is not said stays. */
  | {
      readonly do: 'times';
      readonly path: string;
      readonly atime?: number | 'now' | undefined;
      readonly mtime?: number | 'now' | undefined;
    }
  | { readonly do: 'symlink' | 'link'; readonly path: string; readonly target: string }
  | { readonly do: 'mode'; readonly path: string; readonly mode: number }
  | { readonly do: 'owner'; readonly path: string; readonly uid: number; readonly gid: number };
