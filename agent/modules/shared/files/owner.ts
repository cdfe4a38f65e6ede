import * as z from 'zod';
import { OrchError } from '../../../../proto/errors.ts';
import type { Host } from '../../../linux/host.ts';
import { idToCome } from '../../module.ts';
import { flagsField } from './flags.ts';
import { folderAbove } from './folder-above.ts';

const account = z.union([
  z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,255}\$?$/, 'is no user or group name'),
  z.int().min(0).max(0xffffffff),
]);

const label = (part: string) =>
  z.string().optional().describe(`The ${part} of SELinux's context; nothing on a host without SELinux.`);

/** What every module that makes files takes. */
export const ownerFields = {
  owner: account
    .optional()
    .describe("User that it belongs to, name or number; default: the task's user for new files."),
  group: account.optional().describe('Group that it belongs to, name or number.'),
  attributes: flagsField,
  seuser: label('user'),
  serole: label('role'),
  setype: label('type'),
  selevel: label('level'),
} as const;

/** Names that Ansible's modules have for them. */
export const ownerAliases = { attr: 'attributes' } as const;

/** Wanted ids; undefined leaves what is there. */
export interface Ids {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

export type OwnerParams = Partial<z.infer<z.ZodObject<typeof ownerFields>>>;

function unknown(kind: 'user' | 'group', name: string): never {
  throw new OrchError({
    code: 'missing-object',
    summary: `${kind === 'user' ? 'chown' : 'chgrp'} failed: failed to look up ${kind} ${name}`,
    hint: `Make it first, or give the number.`,
  });
}

async function uidOf(host: Host, owner: string | number): Promise<number> {
  if (typeof owner === 'number' || /^\d+$/.test(owner)) return Number(owner);
  return (await host.user(owner))?.uid ?? idToCome(host) ?? unknown('user', owner);
}

async function gidOf(host: Host, group: string | number): Promise<number> {
  if (typeof group === 'number' || /^\d+$/.test(group)) return Number(group);
  return (await host.group(group)) ?? idToCome(host) ?? unknown('group', group);
}

/** A host without SELinux has no contexts to set, which is what most playbooks that name some meet. */
async function refuseContext(host: Host, { seuser, serole, setype, selevel }: OwnerParams): Promise<void> {
  if ([seuser, serole, setype, selevel].every((part) => part === undefined)) return;
  if ((await host.stat('/sys/fs/selinux/enforce')) === undefined) return;
  throw new OrchError({
    code: 'unsupported-by-host',
    summary: 'The host has SELinux, whose contexts orch does not set.',
    hint: 'Leave seuser, serole, setype and selevel out, and set the context by a task of its own: command: chcon ...',
  });
}

/** The ids that the task says. Throws OrchError also where it asks for a context of SELinux that the host would have. */
export async function wantedIds(host: Host, params: OwnerParams): Promise<Ids> {
  await refuseContext(host, params);
  return {
    uid: params.owner === undefined ? undefined : await uidOf(host, params.owner),
    gid: params.group === undefined ? undefined : await gidOf(host, params.group),
  };
}

/** The ids of a new file: the task's user where it says none, as if that user had made it; a folder with setgid gives its group. */
export async function newIds(host: Host, ids: Ids, path: string): Promise<Ids> {
  const { runAs } = host;
  if ((ids.uid ?? runAs) === undefined || (ids.uid !== undefined && ids.gid !== undefined)) return ids;
  const user = runAs === undefined ? undefined : ((await host.user(runAs)) ?? unknown('user', runAs));
  const above = ids.gid === undefined ? await folderAbove(host, path) : undefined;
  const given = above && (above.mode & 0o2000) !== 0 ? above.gid : user?.gid;
  return { uid: ids.uid ?? user?.uid, gid: ids.gid ?? given };
}
