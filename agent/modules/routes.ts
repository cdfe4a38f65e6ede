import * as z from 'zod';
import { defineModule, type Plan } from './module.ts';
import { inNetns, routingTable } from './shared/fields.ts';
import { exactField, listFamilies, listFamily, listView } from './shared/lists.ts';
import { requireNetns } from './shared/place.ts';
import { routeObject, routeText } from './shared/route/action.ts';
import { familyOf, routeContradictions, routeFields, routeNeeds } from './shared/route/params.ts';
import { makeRoute, removeRoute } from './shared/route/plan.ts';
import { readRoutes, requireWays } from './shared/route/read.ts';
import { isKernelMade, type Route, satisfies, wantedRoute } from './shared/route/route.ts';
import { tableName } from './shared/tables.ts';

const fields = z.strictObject({
  routes: z.array(routeFields).max(10_000).describe('The routes, each with the fields of the module route.'),
  table: routingTable.default('main').describe('Routing table that they are in, a number or a name.'),
  exact: exactField,
  family: listFamily,
  netns: inNetns,
});
type Params = z.infer<typeof fields>;

function wantedRoutes(params: Params): readonly Route[] {
  return params.routes.map((route) => wantedRoute(route, familyOf(route), params.table));
}

function familiesOf(params: Params): readonly (4 | 6)[] {
  return listFamilies(params, params.routes.map(familyOf));
}

export const module = defineModule({
  name: 'routes',
  form: 'converge',
  summary: 'Leads the routes of a routing table to a list of them.',
  notes:
    'Adds and replaces as the module route does. With `exact: true` every other route of the table goes, except what ' +
    'the kernel made itself: routes of protocol kernel (networks of addresses, local, multicast), ra and redirect. ' +
    'Routes that are wanted are there before others go.',
  examples: [
    'routes:\n  netns: ns01\n  exact: true\n  routes:\n    - { dst: default, via: 10.0.0.1 }\n    - { dst: fd01::/64, via: fd00::2 }',
    'routes:\n  netns: ns01\n  table: 100\n  routes:\n    - { dst: default, nexthops: [{ via: 10.0.0.1 }, { via: 10.0.1.1 }] }\n    - { dst: 10.0.0.0/8, type: unreachable, metric: 9000 }',
  ],
  params: fields.superRefine((params, context) => {
    const families = familiesOf(params);
    for (const [at, route] of params.routes.entries()) {
      const found = routeContradictions(route, true);
      if (!families.includes(familyOf(route))) found.push(['dst', `is not of family ${params.family}`]);
      for (const [field, message] of found) context.addIssue({ code: 'custom', path: ['routes', at, field], message });
    }
  }),

  needs: (params) => params.routes.flatMap(routeNeeds),

  objects: (params) => wantedRoutes(params).map((route) => routeObject(route, params.netns)),

  async read(params, host): Promise<readonly Route[]> {
    const { netns } = params;
    const table = tableName(params.table);
    const lists = await Promise.all(
      familiesOf(params).map((family) =>
        readRoutes(host, netns, { family, table, args: [`-${family}`, 'route', 'show', 'table', table] }),
      ),
    );
    const routes = lists.flat();
    const missing = wantedRoutes(params).filter((route) => !routes.some((row) => satisfies(row, route)));
    for (const route of missing) await requireWays(host, netns, route, routes);
    if (routes.length === 0) await requireNetns(host, netns);
    return routes;
  },

  plan(params, current): Plan {
    const { netns } = params;
    const made = wantedRoutes(params).map((wanted) => makeRoute(wanted, current, netns));
    const kept = new Set(made.flatMap((each) => each.present ?? []));
    const others = params.exact ? current.filter((row) => !kept.has(row) && !isKernelMade(row)) : [];
    const steps = [...made.flatMap((each) => each.steps), ...others.map((row) => removeRoute(row, netns))];
    const entries = made.map(({ wanted, present, steps }) => {
      const text = routeText(wanted);
      return { wanted: text, present: steps.length === 0 ? [text] : present === undefined ? [] : [routeText(present)] };
    });
    return { steps, ...listView('routes', entries, others.map(routeText)) };
  },
});
