import { isDeepStrictEqual } from 'node:util';
import { OrchError } from '../../../proto/errors.ts';
import type { Asked } from '../../linux/host.ts';
import type { AnyModule, ObjectRef } from '../../modules/module.ts';
import { madeLinks } from '../../modules/shared/link/define.ts';
import type { LinkParams } from '../../modules/shared/link/types.ts';

/** Modules beside those of links whose things `exact` of a netns removes. */
const others = new Set(['address', 'addresses', 'route', 'routes', 'rule', 'rules']);

interface Placed {
  readonly name?: string;
  readonly netns?: string;
  readonly state?: string;
  readonly exact?: boolean;
}

/**
 * Throws OrchError 'task-failed' for a task that asks for more in a namespace than was asked for before a netns task with
 * `exact`: each run would remove it there, and make it again here.
 */
export function refuseAfterExact(module: AnyModule, params: unknown, asked: readonly Asked[]): void {
  if (!asked.some(isExact)) return;
  const netns = others.has(module.name)
    ? lateThing({ module: module.name, params }, asked)
    : lateLink(module, params, asked);
  if (netns === undefined) return;
  throw new OrchError({
    code: 'task-failed',
    summary: `${module.name} asks for more in netns ${netns} than the tasks before its netns task with exact, which removes it in the next run.`,
    hint: `Put the task before "netns: {name: ${netns}, exact: true}". Nothing was changed by it.`,
  });
}

export function isExact({ module, params }: Asked): boolean {
  return module === 'netns' && (params as Placed).exact === true;
}

/** What was asked for before the namespace was said to be exact; undefined: it was not. */
function before(netns: string | undefined, asked: readonly Asked[]): readonly Asked[] | undefined {
  const at = asked.findIndex((one) => isExact(one) && (one.params as Placed).name === netns);
  return at < 0 ? undefined : asked.slice(0, at);
}

function lateThing(task: Asked, asked: readonly Asked[]): string | undefined {
  const { netns, state } = task.params as Placed;
  const earlier = state === 'absent' ? undefined : before(netns, asked);
  return earlier === undefined || earlier.some((one) => isDeepStrictEqual(one, task)) ? undefined : netns;
}

/** A link that was asked for may be set up further. */
function lateLink(module: AnyModule, params: unknown, asked: readonly Asked[]): string | undefined {
  const refs: readonly ObjectRef[] = module.form === 'converge' ? (module.makes?.(params) ?? []) : [];
  const late = refs.find((ref) => {
    const earlier = ref.kind === 'link' && ref.name !== 'lo' ? before(ref.netns, asked) : undefined;
    return earlier !== undefined && !earlier.flatMap(linksOf).some((known) => isDeepStrictEqual(known, ref));
  });
  return late?.kind === 'link' ? late.netns : undefined;
}

function linksOf({ params }: Asked): readonly ObjectRef[] {
  return 'name' in (params as object) ? madeLinks(params as LinkParams) : [];
}
