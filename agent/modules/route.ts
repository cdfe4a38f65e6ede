import { defineModule, type Plan } from './module.ts';
import { noneOf } from './shared/fields.ts';
import { routeObject, routeText, showArgs } from './shared/route/action.ts';
import { familyOf, routeContradictions, routeNeeds, routeParams } from './shared/route/params.ts';
import { makeRoute, removeRoute } from './shared/route/plan.ts';
import { readRoutes, requireWays } from './shared/route/read.ts';
import { type Route, satisfies, slotMetric, wantedRoute } from './shared/route/route.ts';
import { sameWays } from './shared/route/way.ts';

type Params = ReturnType<typeof routeParams.parse>;

function wantedOf(params: Params): Route {
  return wantedRoute(params, familyOf(params), params.table);
}

/** Routes to the destination that fit all that the task says. */
function named(params: Params, wanted: Route, current: readonly Route[]): readonly Route[] {
  const { via, dev, nexthops } = params;
  const [way] = wanted.ways;
  return current.filter(
    (row) =>
      (via === undefined || row.ways.some((each) => each.via === way?.via)) &&
      (dev === undefined || row.ways.some((each) => each.dev === dev)) &&
      (nexthops === undefined || sameWays(row.ways, wanted.ways)) &&
      (params.nhid === undefined || row.nhid === params.nhid) &&
      (params.metric === undefined || slotMetric(row) === slotMetric(wanted)) &&
      (params.type === 'unicast' || row.type === wanted.type),
  );
}

export const module = defineModule({
  name: 'route',
  form: 'converge',
  summary: 'Adds, changes or removes a route.',
  notes:
    'The kernel keeps one route for each destination, table and metric (and TOS; IPv6: source): another one in that ' +
    'place is replaced. With `state: absent` every route to the destination goes that fits what the task says (via, ' +
    'dev, nexthops, nhid, metric, type). What the task leaves open (src, scope, mtu ...) stays as it is.',
  examples: [
    'route:\n  dst: default\n  via: 172.16.91.14\n  dev: ipvlan1\n  onlink: true\n  netns: ns01',
    'route:\n  dst: 172.16.91.101\n  dev: ipvlan0',
    'route:\n  dst: fd01::/64\n  via: fd00::2\n  metric: 50',
    'route:\n  dst: 10.0.0.0/8\n  type: unreachable\n  table: 100',
    'route:\n  dst: 10.2.0.0/16\n  nexthops:\n    - { via: 10.0.0.2, weight: 2 }\n    - { via: 10.0.1.2, dev: eth1 }',
    'route:\n  dst: 10.3.0.0/16\n  nhid: 10\n  netns: ns01',
    'route:\n  dst: 10.4.0.0/16\n  via: 10.0.0.2\n  encap: { type: mpls, labels: [100, 200] }\n  mtu: 1400\n  lock: [mtu]',
    'route:\n  dst: default\n  netns: ns01\n  state: absent',
  ],
  params: routeParams.superRefine(noneOf((params) => routeContradictions(params, params.state === 'present'))),

  objects: (params) => [routeObject(wantedOf(params), params.netns)],

  needs: (params) => (params.state === 'absent' ? [] : routeNeeds(params)),

  async read(params, host): Promise<readonly Route[]> {
    const wanted = wantedOf(params);
    const { family, table, tos, from } = wanted;
    const found = await readRoutes(host, params.netns, { family, table, args: showArgs(wanted) });
    const routes = found.filter((row) => row.tos === tos && row.from === from);
    const there = params.state === 'absent' || routes.some((row) => satisfies(row, wanted));
    if (!there) await requireWays(host, params.netns, wanted, routes);
    return routes;
  },

  plan(params, current): Plan {
    const wanted = wantedOf(params);
    if (params.state === 'absent') {
      const gone = named(params, wanted, current);
      const after = { state: 'absent' };
      const steps = gone.map((row) => removeRoute(row, params.netns));
      return { steps, before: gone.length === 0 ? after : { routes: gone.map(routeText) }, after };
    }
    const made = makeRoute(wanted, current, params.netns);
    const after = { route: routeText(made.wanted) };
    if (made.steps.length === 0) return { steps: [], before: after, after };
    const before = made.present === undefined ? { state: 'absent' } : { route: routeText(made.present) };
    return { steps: made.steps, before, after };
  },
});
