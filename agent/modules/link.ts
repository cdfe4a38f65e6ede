import * as z from 'zod';
import { defineModule } from './module.ts';
import { noneOf } from './shared/fields.ts';
import { attributeNeeds } from './shared/link/attribute.ts';
import { commonAttributes } from './shared/link/common.ts';
import { linkObjects, madeLinks } from './shared/link/define.ts';
import { wholeParams } from './shared/link/exact.ts';
import { knownKind } from './shared/link/kind.ts';
import { moveFields, moveProblems } from './shared/link/move.ts';
import { attributeFields, baseFields } from './shared/link/params.ts';
import { planAbsent, planChange, planMove } from './shared/link/plan.ts';
import { type Current, readAbsent, readExisting } from './shared/link/read.ts';
import { unseenLink } from './shared/link/state.ts';
import type { LinkParams } from './shared/link/types.ts';

/** Kinds have modules of their own. */
function sayWhichModule(issue: { readonly code?: string; readonly input?: unknown }): string | undefined {
  const { type } = (issue.input ?? {}) as { readonly type?: unknown };
  if (issue.code !== 'unrecognized_keys' || typeof type !== 'string') return undefined;
  if (knownKind(type) === undefined) return 'each kind of link has a module of its own (ipvlan, bridge, veth, ...)';
  return `${type} links are made by the module ${type}: write "${type}:" in the place of "link:", without type`;
}

const params = z
  .strictObject({ ...baseFields, ...moveFields, ...attributeFields(commonAttributes) }, { error: sayWhichModule })
  .superRefine(noneOf((input) => moveProblems(input as unknown as LinkParams)));

export const module = defineModule({
  name: 'link',
  form: 'converge',
  summary: 'Sets up, renames, moves or removes a network link that exists, physical or of any kind.',
  notes:
    'What it changes is set back by `orch destroy`. With `from_name` or `from_address` the link is renamed or moved into ' +
    'another namespace, where it loses addresses and routes; so it does by a new name alone on kernels before 6.2, which ' +
    'take it down for that. A physical link in a namespace that is deleted goes back to the host under the name that it ' +
    'has. Links are made by the module of their kind: ipvlan, macvlan, veth, bridge, dummy.',
  examples: [
    'link:\n  name: lo\n  netns: ns01\n  state: up',
    'link:\n  name: veth0\n  master: br0\n  mtu: 1400',
    'link:\n  name: ens35\n  alias: to the lab\n  promisc: true\n  state: up',
    'link:\n  name: lan0\n  netns: ns01\n  from_name: ens35\n  state: up',
    'link:\n  name: veth0\n  state: absent',
  ],
  params: params as unknown as z.ZodType<LinkParams>,
  objects: linkObjects,
  makes: madeLinks,
  needs: (task) => (task.state === 'absent' ? [] : attributeNeeds(commonAttributes, task)),
  read: (task, host): Promise<Current> => (task.state === 'absent' ? readAbsent(task, host) : readExisting(task, host)),
  plan(task, current) {
    if (task.state === 'absent') return planAbsent(task, current);
    // In check mode the link may be one that an earlier task would make.
    const link = current.link ?? unseenLink;
    return current.source === undefined
      ? planChange(undefined, wholeParams(task, link), current, link)
      : planMove(task, current, current.source);
  },
});
