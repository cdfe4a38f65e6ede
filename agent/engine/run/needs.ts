import { OrchError } from '../../../proto/errors.ts';
import type { Lack, Need as WireNeed } from '../../../proto/gen/orch/v1/agent.ts';
import type { ActingHost } from '../../linux/acting-host.ts';
import type { Need } from '../../linux/programs/need.ts';
import type { TaskNeed } from '../../modules/module.ts';
import { needText } from '../../modules/shared/need-text.ts';

const known: readonly Need['what'][] = [
  ...(['kernel', 'iproute2', 'link', 'module', 'loadable', 'config', 'sysctl', 'program'] as const),
];

function isKnown(need: WireNeed): need is WireNeed & Need {
  return known.some((what) => what === need.what);
}

/** What a host lacks of what a run is known to need. */
export async function lacksOf(needs: readonly WireNeed[], host: ActingHost): Promise<Lack[]> {
  const found = await Promise.all(needs.map((need) => (isKnown(need) ? host.lack(need) : undefined)));
  return found.flatMap((has, need) => (has === undefined ? [] : [{ need, has }]));
}

/** Throws OrchError 'unsupported-by-host' for the first need of a task that the host has not. */
export async function requireNeeds(module: string, needs: readonly TaskNeed[], host: ActingHost): Promise<void> {
  for (const need of needs) {
    const has = await host.lack(need);
    if (has === undefined) continue;
    const what = need.option === undefined ? module : `${module}: ${need.option}`;
    throw new OrchError({
      code: 'unsupported-by-host',
      summary: `${what} needs ${needText(need)}; this host has ${has}.`,
      hint: 'The task changed nothing. Leave it out for this host (when), or use a host that has it.',
    });
  }
}
