import * as z from 'zod';
import { OrchError } from '../../../../proto/errors.ts';
import type { Host } from '../../../linux/host.ts';

const account = z.union([
  z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,255}\$?$/, 'is no user or group name'),
  z.int().min(0).max(0xffffffff),
]);

/** What every module that makes files takes. */
export const ownerFields = {
  owner: account
    .optional()
    .describe("User that it belongs to, name or number; default: the task's user for new files."),
  group: account.optional().describe('Group that it belongs to, name or number.'),
} as const;

/** Wanted ids; undefined leaves what is there. */
export interface Ids {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

export interface OwnerParams {
  readonly owner?: string | number | undefined;
  readonly group?: string | number | undefined;
}

function unknown(kind: 'user' | 'group', name: string): never {
  throw new OrchError({
    code: 'missing-object',
    summary: `${kind === 'user' ? 'chown' : 'chgrp'} failed: failed to look up ${kind} ${name}`,
    hint: `Make it first, or give the number.`,
  });
}

async function uidOf(host: Host, owner: string | number): Promise<number> {
  if (typeof owner === 'number' || /^\d+$/.test(owner)) return Number(owner);
  return (await host.user(owner))?.uid ?? unknown('user', owner);
}

async function gidOf(host: Host, group: string | number): Promise<number> {
  if (typeof group === 'number' || /^\d+$/.test(group)) return Number(group);
  return (await host.group(group)) ?? unknown('group', group);
}

/** The ids that the task says. */
export async function wantedIds(host: Host, params: OwnerParams): Promise<Ids> {
  return {
    uid: params.owner === undefined ? undefined : await uidOf(host, params.owner),
    gid: params.group === undefined ? undefined : await gidOf(host, params.group),
  };
}

/** The ids of a new file: the task's user where it says none, as if that user had made it. */
export async function newIds(host: Host, ids: Ids): Promise<Ids> {
  if (host.runAs === undefined || (ids.uid !== undefined && ids.gid !== undefined)) return ids;
  const user = (await host.user(host.runAs)) ?? unknown('user', host.runAs);
  return { uid: ids.uid ?? user.uid, gid: ids.gid ?? user.gid };
}
