import type { LabTask } from '../crash/lab-tasks.ts';
import type { RandomState } from './state.ts';

/** What leads a namespace to a state. */
export function tasksOf(netns: string, state: RandomState): LabTask[] {
  return state.map(({ module, params }) => {
    const others = {
      ...(params.peer === undefined ? {} : { peer_netns: netns }),
      ...(params.parent === undefined ? {} : { parent_netns: netns }),
      ...(module === 'vxlan' ? { underlay_netns: netns } : {}),
    };
    return { module, items: [{ ...params, netns, ...others }] };
  });
}

/** The same, and all else goes. */
export function exactTasksOf(netns: string, state: RandomState): LabTask[] {
  return [...tasksOf(netns, state), { module: 'netns', items: [{ name: netns, exact: true }] }];
}
