import * as z from 'zod';
import { defineModule } from './module.ts';
import { inNetns, linkName, noneOf, presence } from './shared/fields.ts';
import { readQueueing } from './shared/queue/current.ts';
import { hookNeeds, treeNeeds } from './shared/queue/needs.ts';
import { childQdisc, filter, rootQdisc, trafficClass } from './shared/queue/params.ts';
import { type Current, planQueueing, queueObjects, type Wish } from './shared/queue/plan.ts';
import { type Tree, treeProblems } from './shared/queue/tree.ts';

const fields = z.strictObject({
  dev: linkName.describe('Link that the packets leave by.'),
  netns: inNetns,
  root: rootQdisc.optional().describe('The queueing discipline at the root. Without it the root is left alone.'),
  classes: z.array(trafficClass).max(1000).default([]).describe('Classes of htb, hfsc, drr or qfq.'),
  qdiscs: z.array(childQdisc).max(1000).default([]).describe('Queueing disciplines that hang at classes.'),
  filters: z.array(filter).max(1000).default([]).describe('What puts packets into classes; they hang at the root.'),
  ingress: z.array(filter).max(1000).optional().describe('Filters for packets that come in (a clsact qdisc).'),
  egress: z
    .array(filter)
    .max(1000)
    .optional()
    .describe('Filters for packets that go out, before any queueing (clsact).'),
  state: presence.describe(
    "absent: the kernel's own queueing discipline, and no filters; beside root, ingress or egress only of that.",
  ),
});
type Params = z.infer<typeof fields>;

function treeOf({ root, classes, qdiscs, filters }: Params): Tree | undefined {
  return root === undefined ? undefined : { root, classes, qdiscs, filters };
}

/** What the task names counts; one that only says absent means all. */
function wishOf(params: Params): Wish {
  const { netns, dev, ingress, egress, state } = params;
  const tree = treeOf(params);
  const hooks =
    ingress === undefined && egress === undefined ? undefined : { ingress: ingress ?? [], egress: egress ?? [] };
  if (state === 'present') return { netns, dev, tree, hooks };
  const all = tree === undefined && hooks === undefined;
  return { netns, dev, tree: all || tree ? null : undefined, hooks: all || hooks ? null : undefined };
}

/** What the fields together cannot mean: [field, why]. */
function contradictions(params: Params): [string, string][] {
  const { root, ingress, egress, state } = params;
  if (state === 'present' && root === undefined && ingress === undefined && egress === undefined) {
    return [['root', 'say what hangs at the link: root, ingress or egress']];
  }
  const tree = treeOf(params);
  if (tree !== undefined) return treeProblems(tree);
  const parts = (['classes', 'qdiscs', 'filters'] as const).filter((field) => params[field].length > 0);
  return parts.map((field) => [field, 'needs a root']);
}

export const module = defineModule({
  name: 'qdisc',
  form: 'converge',
  summary: 'Sets up the queueing of a link: queueing disciplines, classes, filters and their actions.',
  notes:
    'One task describes the whole tree at the root, or the filters of both ways, or both. Options are in the words of ' +
    "tc(8), so all that the host's tc and kernel can do may be asked for; they are tried out on a link in a network " +
    'namespace that nobody sees, and what tc shows there is compared with what it shows of the link. So a mistake is ' +
    'shown before anything is changed. Options that tc does not show, such as the distribution of netem, cannot be ' +
    "compared: a change of those alone is not seen. `limit` and `quantum` count where the task names them: the kernel's " +
    'choice depends on the link. A tree of the same parts is changed in place where the kernel takes all options anew ' +
    '(classes, filters, pfifo, bfifo, tbf, prio, red, netem), and else made anew, losing what is queued. tc has no ' +
    'transactions: for a moment packets meet the old, none or half of the new. `orch destroy` leads back to the ' +
    "kernel's own choice, or to the tree and filters that were there before, where those are shown alike when they are " +
    'made anew; a warning says when not. ' +
    'Filters at other places than root, ingress and egress are not looked at.',
  examples: [
    'qdisc:\n  dev: eth0\n  netns: ns01\n  root: { kind: htb, options: default 20 }\n  classes:\n    - { classid: "1:1", options: rate 10mbit }\n    - { classid: "1:10", parent: "1:1", options: rate 8mbit ceil 10mbit }\n    - { classid: "1:20", parent: "1:1", options: rate 2mbit ceil 10mbit }\n  qdiscs:\n    - { parent: "1:20", handle: "20:", kind: fq_codel }\n  filters:\n    - { prio: 1, protocol: ip, kind: flower, options: ip_proto tcp dst_port 443 classid 1:10 }',
    'qdisc:\n  dev: eth0\n  root: { kind: tbf, options: rate 1mbit burst 10k latency 50ms }',
    'qdisc:\n  dev: eth0\n  ingress:\n    - { prio: 1, kind: matchall, options: action police rate 5mbit burst 100k conform-exceed drop/pass }\n  egress:\n    - { prio: 1, protocol: ip, kind: flower, options: dst_ip 10.0.0.9 action drop }',
    'qdisc:\n  dev: eth0\n  state: absent',
  ],
  params: fields.superRefine(noneOf(contradictions)),

  objects: (params) => queueObjects(wishOf(params)),

  needs(params) {
    const { ingress, egress, state } = params;
    const tree = treeOf(params);
    const program = { what: 'program', which: 'tc' } as const;
    if (state === 'absent') return [program];
    return [
      program,
      ...(tree ? treeNeeds(tree) : []),
      ...hookNeeds(ingress, 'ingress'),
      ...hookNeeds(egress, 'egress'),
    ];
  },

  read: (params, host): Promise<Current> => readQueueing(host, wishOf(params)),
  plan: (params, current) => planQueueing(wishOf(params), current),
});
