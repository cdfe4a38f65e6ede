import { OrchError } from '../../../../proto/errors.ts';
import type { Plan, Step } from '../../module.ts';
import { placed } from '../place.ts';
import { deleteLink, makeWanted } from './actions.ts';
import { changeSteps, differing, needsReplacing, onFresh } from './changes.ts';
import { dependentsBack } from './dependents.ts';
import { wholeParams } from './exact.ts';
import { type ExtraPlan, knownKind, type LinkKind, needsOf } from './kind.ts';
import { withMasters } from './masters.ts';
import { type Found, moveSteps } from './move.ts';
import type { Current } from './read.ts';
import { remakeLink, whyLost } from './remake.ts';
import { freshState, unseenLink } from './state.ts';
import type { LinkParams, LinkState } from './types.ts';
import { absentView, presentView, removedView, wantedView } from './view.ts';

const nothing: ExtraPlan = { steps: [], before: {}, after: {} };

function refusePhysical(params: LinkParams, why: string): never {
  throw new OrchError({
    code: 'task-failed',
    summary: `${placed(params.netns, params.name)} ${why}, and it is no virtual link that could be removed.`,
    hint: 'Choose another name for the link; the module link sets up the one that is there.',
  });
}

function removal(params: LinkParams, current: Current, link: LinkState): Step {
  const object = `link ${placed(params.netns, params.name)}`;
  const again = remakeLink(params, link);
  const extra = again.length === 0 ? undefined : knownKind(link.kind)?.extra?.remake(params, current.extra);
  return {
    object,
    action: deleteLink(params.netns, params.name),
    undo: again.length === 0 ? [] : [...again, ...(extra ?? []), ...dependentsBack(current.dependents)],
    removes: true,
  };
}

/** What destroy can't bring back of a link that goes, and of those that go with it. */
function losses(params: LinkParams, { extra, dependents }: Current, link: LinkState): string[] {
  const name = ({ netns, name: own }: LinkParams) => placed(netns, own);
  const why = whyLost(link);
  if (why !== undefined) return [`destroy cannot bring back ${name(params)}: ${why}`];
  return [{ params, link, extra }, ...dependents].flatMap((gone) => {
    const lost = knownKind(gone.link.kind)?.extra?.lost?.(gone.extra);
    return lost === undefined ? [] : [`destroy cannot bring back ${lost} of ${name(gone.params)}`];
  });
}

function creation(kind: LinkKind, params: LinkParams, { promised }: Current, extra: ExtraPlan): Step[] {
  const object = `link ${placed(params.netns, params.name)}`;
  const undo = [deleteLink(params.netns, params.name)];
  const make = { object, action: makeWanted(kind, params), undo, needs: needsOf(kind) };
  return [make, ...onFresh([...changeSteps(kind, params, freshState(kind, params, promised)), ...extra.steps], object)];
}

export function planAbsent(params: LinkParams, current: Current): Plan {
  const { link } = current;
  if (link === undefined) return { steps: [], before: absentView, after: absentView };
  if (link.kind === undefined) return refusePhysical(params, 'is physical');
  const warnings = losses(params, current, link);
  const steps = withMasters([removal(params, current, link)], params, current.masters);
  return { steps, before: removedView(link), after: absentView, warnings };
}

/** A link that is not there yet. */
export function planNew(kind: LinkKind, params: LinkParams, current: Current): Plan {
  const extra = kind.extra?.plan(params, current.freshExtra) ?? nothing;
  return {
    steps: withMasters(creation(kind, params, current, extra), params, current.masters),
    before: absentView,
    after: { ...wantedView(kind, params, freshState(kind, params)), ...extra.after },
    warnings: extra.warnings ?? [],
    ...(extra.result === undefined ? {} : { result: extra.result }),
  };
}

/** A link that is there, changed in place where the kernel can, else replaced. */
export function planPresent(kind: LinkKind, params: LinkParams, current: Current, link: LinkState): Plan {
  const whole = wholeParams(params, link);
  const why = needsReplacing(kind, whole, link);
  return why === undefined ? planChange(kind, whole, current, link) : planReplacing(kind, params, current, link, why);
}

/** Without kind, as for links that are only set up. */
export function planChange(kind: LinkKind | undefined, params: LinkParams, current: Current, link: LinkState): Plan {
  const extra = kind?.extra?.plan(params, current.extra) ?? nothing;
  const changed = kind === undefined ? [] : differing(kind.attributes, params, link.values);
  return {
    steps: withMasters([...changeSteps(kind, params, link), ...extra.steps], params, current.masters),
    before: { ...presentView(kind, params, link), ...extra.before },
    after: { ...wantedView(kind, params, link), ...extra.after },
    warnings: [...(changed.length === 0 ? [] : (kind?.warn?.(changed, link) ?? [])), ...(extra.warnings ?? [])],
    ...(extra.result === undefined ? {} : { result: extra.result }),
  };
}

function planReplacing(kind: LinkKind, params: LinkParams, current: Current, link: LinkState, why: string): Plan {
  if (link.kind === undefined) return refusePhysical(params, why);
  const name = placed(params.netns, params.name);
  // What was up stays up, and a port stays where it is.
  const master = params.master ?? (params.exact ? undefined : link.values.master || undefined);
  const again: LinkParams = { ...params, master, state: params.state === 'present' && link.up ? 'up' : params.state };
  const fresh = planNew(kind, again, current);
  return {
    steps: [removal(params, current, link), ...fresh.steps],
    before: { ...removedView(link), ...presentView(kind, again, link) },
    after: fresh.after,
    warnings: [
      `${name} ${why}: it is replaced, and its addresses and routes go with it`,
      ...losses(params, current, link),
      ...(fresh.warnings ?? []),
    ],
    ...(fresh.result === undefined ? {} : { result: fresh.result }),
  };
}

/** A link that is renamed or moved, and then set up. */
export function planMove(params: LinkParams, current: Current, source: Found): Plan {
  const link = current.link ?? unseenLink;
  const moved: LinkState = {
    ...link,
    up: link.up && source.live,
    values: source.place.netns === params.netns ? link.values : { ...link.values, master: '' },
  };
  const again: LinkParams = {
    ...wholeParams(params, moved),
    state: params.state === 'present' && link.up ? 'up' : params.state,
  };
  const there = planChange(undefined, again, current, moved);
  const before = presentView(undefined, params, link);
  return {
    steps: [...moveSteps(params, source), ...there.steps],
    before: { place: placed(source.place.netns, source.place.name), ...before },
    after: { place: placed(params.netns, params.name), ...wantedView(undefined, again, moved) },
  };
}
