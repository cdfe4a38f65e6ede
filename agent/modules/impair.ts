import { OrchError } from '../../proto/errors.ts';
import { defineModule } from './module.ts';
import { placed } from './shared/place.ts';
import { readQueueing } from './shared/queue/current.ts';
import { isDefault } from './shared/queue/form.ts';
import { qdiscNeeds } from './shared/queue/needs.ts';
import { type Impairment, impairedTree, impairment } from './shared/queue/netem.ts';
import { type Current, planQueueing, queueObjects, treeObject, type Wish } from './shared/queue/plan.ts';

function wishOf(params: Impairment): Wish {
  const { netns, dev, state } = params;
  return { netns, dev, tree: state === 'absent' ? null : impairedTree(params), hooks: undefined };
}

interface Impaired extends Current {
  /** By now, or by a task of this run. */
  readonly impaired: boolean;
}

function impairs(name: string, { netns, dev, state }: Impairment, of: Impairment): boolean {
  return name === 'impair' && netns === of.netns && dev === of.dev && state === 'present';
}

function isImpaired({ present }: Current): boolean {
  return present.qdiscs.some(({ key }) => key.startsWith('qdisc netem ') && key.endsWith(' root'));
}

/** A tree that this lab made by a qdisc task would be lost without a word. */
function refuseOwnTree(params: Impairment, current: Current): void {
  if (!current.ownsTree || isImpaired(current) || isDefault(current.present)) return;
  const [root] = current.present.qdiscs;
  throw new OrchError({
    code: 'task-failed',
    summary: `${placed(params.netns, params.dev)} already has ${root?.key} from this lab.`,
    hint: 'Hang netem at one of its classes, in the qdisc task: qdiscs: [{parent: "1:1", handle: "10:", kind: netem, options: delay 100ms}].',
  });
}

export const module = defineModule({
  name: 'impair',
  form: 'converge',
  summary: 'Makes a link bad: delay, jitter, loss, duplicates, corruption, reordering, a low rate.',
  notes:
    'This is netem at the root of the link, and works on packets that leave by it. For both directions impair both ' +
    "ends: a veth or bridge port's other end sends what this one receives. Where the other end is out of reach, send " +
    'what comes in through an ifb link, with the task qdisc (`ingress: [{prio: 1, kind: matchall, options: action ' +
    'mirred egress redirect dev ifb0}]`), and impair that. What the task does not say is taken away; a change is made in place where netem ' +
    "can. `state: absent` heals: the link gets the kernel's own queueing discipline. Needs the kernel module sch_netem.",
  examples: [
    'impair:\n  dev: eth0\n  netns: ns01\n  delay: 100ms\n  jitter: 10ms\n  loss: 1',
    'impair:\n  dev: eth0\n  rate: 512kbit\n  limit: 50',
    'impair:\n  dev: eth0\n  loss_gemodel: { p: 1, r: 10 }\n  reorder: 25\n  delay: 20ms',
    'impair:\n  dev: eth0\n  state: absent',
  ],
  params: impairment,

  // What is not impaired is nobody's to heal.
  objects: (params, current: Impaired) =>
    params.state === 'present' || current.impaired ? queueObjects(wishOf(params)) : [],

  needs: ({ state }) => [{ what: 'program', which: 'tc' }, ...(state === 'present' ? qdiscNeeds('netem') : [])],

  async read(params, host): Promise<Impaired> {
    const current = await readQueueing(host, wishOf(params));
    if (params.state === 'present') refuseOwnTree(params, current);
    return {
      ...current,
      impaired:
        isImpaired(current) ||
        host.asked().some(({ module, params: asked }) => impairs(module, asked as Impairment, params)),
    };
  },

  plan(params, current: Impaired) {
    const wish = wishOf(params);
    if (params.state === 'present' || isImpaired(current)) return planQueueing(wish, current);
    const healthy = { [treeObject(wish)]: 'not impaired' };
    return { steps: [], before: healthy, after: healthy };
  },
});
