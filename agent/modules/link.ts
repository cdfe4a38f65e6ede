import { OrchError } from '../../proto/errors.ts';
import { defineModule, type ObjectRef, type Plan, type Step } from './module.ts';
import { deleteLink, makeLink, makingOf, remakeLink } from './shared/link/actions.ts';
import { changeSteps, fresh, needsReplacing } from './shared/link/changes.ts';
import { type LinkParams, linkParams } from './shared/link/params.ts';
import { isUp, type LinkState, linkState, readLower, wantedLower } from './shared/link/state.ts';
import { placed, readRows, requireLink, requireNetns } from './shared/place.ts';

interface Current {
  readonly link: LinkState | undefined;
  /** False when the parent is there and down. */
  readonly parentUp: boolean;
}

type View = Readonly<Record<string, unknown>>;

/** A link in the words of the task, for the diff. */
function view(params: LinkParams, link: LinkState | undefined): View {
  if (link === undefined) return { state: 'absent' };
  const { type, mode, flag, mtu, address } = link;
  const lower = link.lower === undefined ? {} : { [type === 'veth' ? 'peer' : 'parent']: link.lower };
  const master = params.master === undefined && link.master === '' ? {} : { master: link.master };
  const alias = params.alias === undefined ? {} : { alias: link.alias };
  return {
    state: link.up ? 'up' : 'down',
    type: type ?? 'physical',
    ...lower,
    mode,
    flag,
    mtu,
    address,
    ...master,
    ...alias,
  };
}

function wantedView(params: LinkParams, base: LinkState): View {
  const wanted = wantedLower(params);
  const { type = base.type, mode = base.mode, flag = base.flag, mtu = base.mtu } = params;
  const up = params.state === 'present' ? base.up : params.state === 'up';
  return view(params, {
    ...{ type, mode, flag, mtu, up },
    address: params.address?.toLowerCase() ?? base.address,
    master: params.master ?? base.master,
    alias: params.alias ?? base.alias,
    lower: wanted === undefined ? base.lower : placed(wanted.netns, wanted.name),
  });
}

function refusePhysical(params: LinkParams, why: string): never {
  throw new OrchError({
    code: 'task-failed',
    summary: `${placed(params.netns, params.name)} ${why}, and it is no virtual link that could be removed.`,
    hint: 'Choose another name for the link, or leave out type to set up the one that is there.',
  });
}

function removal(params: LinkParams, link: LinkState): Step {
  const object = `link ${placed(params.netns, params.name)}`;
  const undo = remakeLink(params, link);
  return { object, action: deleteLink(params.netns, params.name), undo, removes: true };
}

function creation(params: LinkParams, type: string): Step[] {
  const object = `link ${placed(params.netns, params.name)}`;
  const undo = [deleteLink(params.netns, params.name)];
  const make = { object, action: makeLink(makingOf(params, type)), undo };
  return [make, ...changeSteps(params, fresh(params), true)];
}

function planAbsent(params: LinkParams, link: LinkState | undefined): Plan {
  const after = { state: 'absent' };
  if (link === undefined) return { steps: [], before: after, after };
  if (link.type === undefined) return refusePhysical(params, 'is physical');
  const step = removal(params, link);
  const warnings =
    step.undo.length > 0
      ? []
      : [`destroy cannot bring back ${params.name}: how to make a ${link.type} link is not known`];
  return { steps: [step], before: view(params, link), after, warnings };
}

function planPresent(params: LinkParams, link: LinkState): Plan {
  const before = view(params, link);
  const why = needsReplacing(params, link);
  if (why === undefined || params.type === undefined) {
    const steps = changeSteps(params, link, false);
    const shared = steps.some((step) => step.action.op === 'ip' && step.action.args.includes('ipvlan'));
    const warnings = shared
      ? [`the ipvlan mode belongs to the parent ${link.lower}: it changes for every ipvlan link there`]
      : [];
    return { steps, before, after: wantedView(params, link), warnings };
  }
  if (link.type === undefined) return refusePhysical(params, why);
  // What was up stays up.
  const again: LinkParams = params.state === 'present' && link.up ? { ...params, state: 'up' } : params;
  return {
    steps: [removal(params, link), ...creation(again, params.type)],
    before,
    after: wantedView(again, fresh(params)),
    warnings: [`${placed(params.netns, params.name)} ${why}: it is replaced, and its addresses and routes go with it`],
  };
}

export const module = defineModule({
  name: 'link',
  form: 'converge',
  summary: 'Makes, sets up or removes a network link: ipvlan, macvlan, veth, bridge, dummy.',
  notes:
    'A link that differs is changed in place where the kernel allows it (mode, flag, mtu, address, master, state), and ' +
    'else replaced, with a warning. The ipvlan mode belongs to the parent: all ipvlan links of one parent share it. A parent carries ipvlan or macvlan links, not both. ' +
    'Without `type` the task sets up a link that exists; what it changes there is set back by `orch destroy`.',
  examples: [
    'link:\n  name: ipvlan1\n  type: ipvlan\n  mode: l2\n  parent: ens34\n  netns: ns01\n  state: up',
    'link:\n  name: veth0\n  type: veth\n  peer: eth0\n  peer_netns: ns01\n  state: up',
    'link:\n  name: br0\n  type: bridge\n  state: up',
    'link:\n  name: veth0\n  master: br0',
    'link:\n  name: lo\n  netns: ns01\n  state: up',
  ],
  params: linkParams,

  makes(params): ObjectRef[] {
    if (params.state === 'absent') return [];
    const link: ObjectRef = { kind: 'link', netns: params.netns, name: params.name };
    return params.peer === undefined ? [link] : [link, { kind: 'link', netns: params.peer_netns, name: params.peer }];
  },

  async read(params, host): Promise<Current> {
    const row = (await readRows(host, params.netns, ['link', 'show', 'dev', params.name]))[0];
    if (params.state === 'absent') {
      return { link: row && (await linkState(host, row, params, undefined)), parentUp: true };
    }
    if (row === undefined) {
      await requireNetns(host, params.netns);
      if (params.peer !== undefined) await requireNetns(host, params.peer_netns);
      // In check mode an untyped link may be one that an earlier task would make.
      if (params.type === undefined) await requireLink(host, params.netns, params.name);
    }
    const lower = await readLower(host, params, row !== undefined);
    const parentUp = params.parent === undefined || lower === undefined || isUp(lower);
    const link = row && (await linkState(host, row, params, lower));
    if (params.master && link?.master !== params.master) await requireLink(host, params.netns, params.master);
    return { link, parentUp };
  },

  plan(params, current) {
    if (params.state === 'absent') return planAbsent(params, current.link);
    const idle =
      current.parentUp || params.state !== 'up'
        ? []
        : [`the parent ${params.parent} is down: nothing passes ${params.name}`];
    if (current.link !== undefined) {
      const plan = planPresent(params, current.link);
      return { ...plan, warnings: [...(plan.warnings ?? []), ...idle] };
    }
    const steps = params.type === undefined ? changeSteps(params, fresh(params), false) : creation(params, params.type);
    return { steps, before: { state: 'absent' }, after: wantedView(params, fresh(params)), warnings: idle };
  },
});
