import { isDeepStrictEqual } from 'node:util';
import { defineModule, type Plan, type Step } from './module.ts';
import { noneOf } from './shared/fields.ts';
import {
  completed,
  type Nexthop,
  needsReplacing,
  nexthopAction,
  nexthopView,
  removeNexthop,
  wantedNexthop,
} from './shared/nexthop/nexthop.ts';
import { type NexthopParams, nexthopContradictions, nexthopFields, nexthopNeeds } from './shared/nexthop/params.ts';
import { readNexthops, readUsers } from './shared/nexthop/read.ts';
import { placed, requireLink, requireNetns } from './shared/place.ts';
import { routeAction, routeObject, routeText } from './shared/route/action.ts';
import type { Route } from './shared/route/route.ts';

interface Current {
  readonly present: Nexthop | undefined;
  /** Groups that the kernel takes it out of when it is deleted. */
  readonly groups: readonly Nexthop[];
  /** Routes that the kernel deletes with it. */
  readonly routes: readonly Route[];
}

function objectOf(params: NexthopParams): string {
  return `nexthop ${placed(params.netns, String(params.id))}`;
}

function deletion(params: NexthopParams, present: Nexthop, { groups, routes }: Current): Step {
  const { netns } = params;
  const undo = [
    nexthopAction('add', present, netns),
    ...groups.map((group) => nexthopAction('replace', group, netns)),
    ...routes.map((route) => routeAction('append', route, netns)),
  ];
  return { object: objectOf(params), action: removeNexthop(params.id, netns), undo, removes: true };
}

/** What the kernel takes along. */
function losses({ groups, routes }: Current): string[] {
  return [
    ...groups.map((group) => `it leaves group ${group.id}`),
    ...routes.map((route) => `route ${routeText(route)} goes with it`),
  ];
}

/** Takes it away and makes it again, with the routes that used it. */
function planAnew(params: NexthopParams, present: Nexthop, current: Current, why: string): Plan {
  const asked = wantedNexthop(params);
  const add: Step = {
    object: objectOf(params),
    action: nexthopAction('add', asked, params.netns),
    undo: [removeNexthop(params.id, params.netns)],
  };
  const again = current.routes
    .filter((route) => route.nhid === params.id)
    .map((route) => ({
      object: routeObject(route, params.netns),
      action: routeAction('append', route, params.netns),
      undo: [],
    }));
  const back = again.length === 0 ? [] : [`${again.length} ${again.length === 1 ? 'route is' : 'routes are'} put back`];
  const warnings = [`${objectOf(params)} ${why}: ${['it is made anew', ...back].join(', ')}`];
  const steps = [deletion(params, present, current), add, ...again];
  return { steps, before: nexthopView(present), after: nexthopView(asked), warnings };
}

function planPresent(params: NexthopParams, current: Current): Plan {
  const object = objectOf(params);
  const { present } = current;
  const asked = wantedNexthop(params);
  if (present === undefined) {
    const action = nexthopAction('add', asked, params.netns);
    const steps = [{ object, action, undo: [removeNexthop(params.id, params.netns)] }];
    return { steps, before: nexthopView(present), after: nexthopView(asked) };
  }
  const wanted = completed(asked, present);
  const [before, after] = [nexthopView(present), nexthopView(wanted)];
  if (isDeepStrictEqual(wanted, present)) return { steps: [], before, after };
  const why = needsReplacing(present, wanted);
  if (why !== undefined) return planAnew(params, present, current, why);
  const action = nexthopAction('replace', wanted, params.netns);
  const undo = [nexthopAction('replace', present, params.netns)];
  return { steps: [{ object, action, undo }], before, after };
}

function planAbsent(params: NexthopParams, current: Current): Plan {
  const { present } = current;
  const after = { state: 'absent' };
  if (present === undefined) return { steps: [], before: after, after };
  const warnings = losses(current).map((loss) => `${objectOf(params)}: ${loss}`);
  return { steps: [deletion(params, present, current)], before: nexthopView(present), after, warnings };
}

export const module = defineModule({
  name: 'nexthop',
  form: 'converge',
  summary: 'Makes, changes or removes a next hop object or a group of them, for routes to share.',
  notes:
    'Changed in place where the kernel allows it; a change between single, mpath and resilient, or of the number of ' +
    'buckets, makes it anew, with a warning, and puts the routes back that used it. The kernel removes a next hop, for ' +
    'good, when its link goes down or loses its carrier.',
  examples: [
    'nexthop:\n  id: 1\n  via: 10.0.0.2\n  dev: eth0\n  netns: ns01',
    'nexthop:\n  id: 10\n  group: [1, { id: 2, weight: 3 }]\n  netns: ns01',
    'nexthop:\n  id: 11\n  group: [1, 2]\n  type: resilient\n  buckets: 64\n  idle_timer: 60',
    'nexthop:\n  id: 20\n  via: 192.0.2.7\n  fdb: true',
    'nexthop:\n  id: 10\n  state: absent',
  ],
  params: nexthopFields.superRefine(noneOf(nexthopContradictions)),

  needs: nexthopNeeds,

  objects: (params) => [objectOf(params)],

  async read(params, host): Promise<Current> {
    const all = await readNexthops(host, params.netns);
    const present = all.find((nexthop) => nexthop.id === params.id);
    if (present !== undefined) {
      const goes = params.state === 'absent' || needsReplacing(present, wantedNexthop(params)) !== undefined;
      return { present, ...(goes ? await readUsers(host, params.netns, params.id, all) : { groups: [], routes: [] }) };
    }
    if (params.state === 'present') {
      if (params.dev === undefined) await requireNetns(host, params.netns);
      else await requireLink(host, params.netns, params.dev);
    }
    return { present, groups: [], routes: [] };
  },

  plan: (params, current) => (params.state === 'present' ? planPresent(params, current) : planAbsent(params, current)),
});
