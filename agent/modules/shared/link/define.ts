import type { ConvergeModule, ObjectRef } from '../../module.ts';
import { placed } from '../place.ts';
import type { Attributes } from './attribute.ts';
import { kindNeeds, type LinkKind, registerKind } from './kind.ts';
import { kindParams } from './params.ts';
import { planAbsent, planNew, planPresent } from './plan.ts';
import { type Current, readAbsent, readPresent } from './read.ts';
import type { LinkParams } from './types.ts';

/** The links that exist once the task is done. */
export function madeLinks(params: LinkParams): ObjectRef[] {
  if (params.state === 'absent') return [];
  const link: ObjectRef = { kind: 'link', netns: params.netns, name: params.name };
  return params.peer === undefined ? [link] : [link, { kind: 'link', netns: params.peer_netns, name: params.peer }];
}

export function linkObjects({ netns, name }: LinkParams): string[] {
  return [`link ${placed(netns, name)}`];
}

/** Makes the module of a kind of link from what its file says. */
export function defineLinkKind<A extends Attributes, E = unknown>(
  definition: LinkKind<A, E>,
): ConvergeModule<LinkParams, Current> {
  const kind: LinkKind = definition as unknown as LinkKind;
  registerKind(kind);
  const { name, summary, notes, examples } = kind;
  let params: ReturnType<typeof kindParams> | undefined;
  return {
    name,
    form: 'converge',
    summary,
    ...(notes === undefined ? {} : { notes }),
    examples,
    // Schemas of twenty kinds cost an agent's start more than all else, and a lab needs a few.
    get params() {
      params ??= kindParams(kind);
      return params;
    },
    objects: linkObjects,
    makes: madeLinks,
    needs: (task) => kindNeeds(kind, task),
    read: (task, host) => (task.state === 'absent' ? readAbsent(task, host) : readPresent(kind, task, host)),
    plan(task, current) {
      if (task.state === 'absent') return planAbsent(task, current);
      const { link } = current;
      const plan = link === undefined ? planNew(kind, task, current) : planPresent(kind, task, current, link);
      if (current.parentUp || task.state !== 'up') return plan;
      const idle = `the parent ${task.parent} is down: nothing passes ${task.name}`;
      return { ...plan, warnings: [...(plan.warnings ?? []), idle] };
    },
  };
}
