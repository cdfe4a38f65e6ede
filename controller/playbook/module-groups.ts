import { join } from 'node:path';
import * as z from 'zod';
import { loadYaml } from '../source/load-yaml.ts';
import { canonicalName } from './catalog.ts';
import { collectionFolders } from './collections.ts';
import type { Context } from './context.ts';

/** Groups that may be named without a collection: what each of them stands for (ansible.builtin's action_groups). */
const builtin: Readonly<Record<string, readonly string[]>> = {
  acme: ['community.crypto.acme'],
  aws: ['amazon.aws.aws', 'community.aws.aws'],
  azure: ['azure.azcollection.azure'],
  cpm: ['wti.remote.cpm'],
  docker: ['community.docker.docker', 'community.general.docker'],
  gcp: ['google.cloud.gcp'],
  k8s: ['kubernetes.core.k8s', 'community.okd.k8s', 'community.general.k8s'],
  os: ['openstack.cloud.os'],
  ovirt: ['ovirt.ovirt.ovirt', 'community.general.ovirt'],
  vmware: ['community.vmware.vmware'],
};

const members = z.array(
  z.union([z.string(), z.object({ metadata: z.object({ extend_group: z.array(z.string()).optional() }) })]),
);
// One group that is not as it should be hides none of the others.
const runtime = z.object({ action_groups: z.record(z.string(), members.optional().catch(undefined)) });

/** The modules of a group (`group/NAME` of `module_defaults`), by canonical names; undefined: there is no such group. */
export function membersOf(group: string, context: Context): ReadonlySet<string> | undefined {
  const extended = builtin[group.replace(/^ansible\.builtin\./, '')];
  const found = new Set<string>();
  // What a group extends need not be there: playbooks name collections that only some of their users have.
  if (extended) for (const each of extended) collect(each, context, found, new Set());
  else if (!collect(group, context, found, new Set())) return undefined;
  return found;
}

/** Adds a group's modules to those found; false: there is no such group. */
function collect(group: string, context: Context, found: Set<string>, met: Set<string>): boolean {
  const [, collection, name] = /^(\w+\.\w+)\.(\w+)$/.exec(group) ?? [];
  if (collection === undefined || name === undefined) return false;
  if (met.has(group)) return true;
  met.add(group);
  const listed = groupsOf(collection, context)?.[name];
  for (const each of listed ?? []) {
    if (typeof each === 'string') found.add(canonicalName(inCollection(each, collection)));
    else
      for (const more of each.metadata.extend_group ?? []) collect(inCollection(more, collection), context, found, met);
  }
  return listed !== undefined;
}

function inCollection(name: string, collection: string): string {
  return name.includes('.') ? name : `${collection}.${name}`;
}

/** The groups that a collection's meta/runtime.yml has. */
function groupsOf(collection: string, context: Context): z.infer<typeof runtime>['action_groups'] | undefined {
  const { deps, scene } = context;
  for (const folder of collectionFolders(collection, scene.playbookDir, deps.collections)) {
    const file = join(folder, 'meta/runtime.yml');
    if (!context.exists(file)) continue;
    const [document] = loadYaml(deps.readFile(file), file).documents;
    const read = runtime.safeParse(document?.value);
    return read.success ? read.data.action_groups : undefined;
  }
  return undefined;
}
