import { noKeywords } from '../playbook/no-keywords.ts';
import { locatedAt, ownTask } from '../playbook/own-task.ts';
import { lostOutcome } from './agent-task.ts';
import { sendAhead } from './ahead.ts';
import { addStep } from './pace.ts';
import { connectionKeyword } from './settings.ts';
import type { HostWalk } from './state.ts';
import { prepareTask } from './task-run.ts';

/** Sends `setup`; its facts are known once the host's tasks before it have ended. */
export function gatherFacts(walk: HostWalk): void {
  const { at, gatherSubset } = walk.play.play;
  walk.state.gathered = true;
  const args = gatherSubset === undefined ? {} : { gather_subset: gatherSubset.value };
  const task = { ...ownTask('setup', noKeywords(at), args), name: locatedAt(at, 'Gathering Facts') };
  const run = prepareTask(walk, task, { chain: [], params: [], locals: {}, position: [-1], rescued: false }, false);
  const outcome = walk.play.run.link(walk.host, connectionKeyword(walk, [])).then(
    (link) => sendAhead(run, link).outcome,
    (error: unknown) => lostOutcome(error, run.name, at),
  );
  addStep(run, outcome);
}
