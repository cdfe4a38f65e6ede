import type { HostCommand } from './host.ts';

/** A change to the kernel or the file system, as data: it is written to the ledger before it is carried out. */
export type Action =
  /** `ip ARGS` in a namespace (absent: the host's own), through the batch coprocess. ARGS may start with -4 or -6. */
  | { readonly op: 'ip'; readonly netns?: string | undefined; readonly args: readonly string[] }
  /** A write to /proc/sys, seen from that namespace; `key` in dotted or slashed form without /proc/sys. */
  | { readonly op: 'sysctl'; readonly netns?: string | undefined; readonly key: string; readonly value: string }
  | { readonly op: 'netns-add'; readonly name: string }
  | { readonly op: 'netns-delete'; readonly name: string }
  | { readonly op: 'file'; readonly file: FileAction }
  | { readonly op: 'exec'; readonly command: HostCommand };

export type FileAction =
  /** Atomic write (temporary name in the same folder, rename). `content` is base64. */
  | { readonly do: 'write'; readonly path: string; readonly content: string; readonly mode?: number | undefined }
  | { readonly do: 'mkdir' | 'rmdir' | 'unlink' | 'touch'; readonly path: string; readonly mode?: number | undefined }
  | { readonly do: 'symlink' | 'link'; readonly path: string; readonly target: string }
  | { readonly do: 'mode'; readonly path: string; readonly mode: number }
  | { readonly do: 'owner'; readonly path: string; readonly uid: number; readonly gid: number };
