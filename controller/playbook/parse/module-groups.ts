import { canonicalName } from '../catalog/catalog.ts';
import { readRuntime } from '../catalog/collection-runtime.ts';
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
  const { deps, scene } = context;
  const listed = readRuntime(collection, scene.playbookDir, deps)?.action_groups?.[name];
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
