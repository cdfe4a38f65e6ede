import type { Play } from '../../playbook/types.ts';
import type { HostState } from '../hosts/host-state.ts';
import { Pardons } from '../hosts/pardons.ts';
import { playNow, type SelectedPlay } from '../input/play-hosts.ts';
import type { HostWalk, PlayRun, RunContext, WalkEnd } from '../state.ts';
import { nearest } from '../task/settings.ts';
import { namesInPlay } from './handlers.ts';
import { Rendezvous } from './rendezvous.ts';
import { serialBatches } from './serial.ts';
import { isLoss, walkPlay } from './walk.ts';

/** Plays one after the other, each with the hosts that no play before it lost. */
export async function runPlays(run: RunContext, plays: readonly SelectedPlay[]): Promise<void> {
  for (const selected of plays) {
    if (run.interrupt.stopping) return;
    const goesOn = await runPlay(run, selected);
    if (!goesOn) return;
  }
}

/** Whether a play only says what would change, unless its tasks say otherwise. */
function isChecked({ options }: RunContext, { around }: Play): boolean {
  const said = nearest(around, 'checkMode')?.value;
  return typeof said === 'boolean' ? said : options.check;
}

/** Runs one play, batch by batch. False when the run must not go on to the next play. */
async function runPlay(run: RunContext, planned: SelectedPlay): Promise<boolean> {
  const { play, hosts: selected } = playNow(run, planned);
  const name = play.name ?? play.hosts.value;
  const check = isChecked(run, play);
  const start = { type: 'play-start', play: name, at: play.at, ...(check ? { check } : {}) } as const;
  if (selected.length === 0) run.emit({ ...start, hosts: [] });
  const left = new Set<string>();
  const names = namesInPlay(run, { play, name, hosts: selected, batch: [] });
  // Hosts that are lost keep their place in a batch, as in Ansible.
  for (const whole of serialBatches(selected, play.serial)) {
    const batch = whole.filter((host) => !run.host(host).out);
    const lost = batch.length === 0 ? { lost: whole.length } : {};
    run.emit({ ...start, hosts: batch, ...lost });
    if (batch.length === 0) continue;
    const active = new Set(batch);
    const rendezvous = new Rendezvous(batch, run.turns);
    const playRun: PlayRun = {
      run,
      play,
      name,
      hosts: selected,
      batch,
      batchSize: whole.length,
      inStep: goesInStep(run, play, batch),
      left,
      rendezvous,
      pardons: new Pardons(active, rendezvous),
      looked: new Set(),
      active,
      shared: 0,
      failed: 0,
      turns: new Map(),
      ending: undefined,
      handlers: [...play.handlers],
      handlerNames: new Map(names),
      includedRoles: [],
      joined: new Set(),
      surroundings: new Map(),
      included: new Map(),
    };
    const ends = await Promise.all(batch.map((host) => walkInTurn(playRun, host)));
    if (run.interrupt.stopping) return false;
    if (playRun.ending === 'end-play') return true;
    if (playRun.ending === 'aborted') {
      const forAll = ends.filter((end) => end.forAll);
      const lost = forAll.filter(({ how }) => how === 'unreachable');
      if (lost.length < forAll.length) return false;
      // As in Ansible lost hosts end the play for their batch alone, with those that were through with it already. They count
      // twice there, as lost and as failed, so that a batch that misses as many since plays before it is a batch lost whole.
      if (batch.length + lost.length === whole.length) return false;
      for (const host of batch) dropOut(run.host(host));
      continue;
    }
    // As in Ansible: a batch that is lost whole, by this play alone, ends the run.
    const losesAll = ends.every(({ how }) => how === 'failed' || how === 'unreachable');
    if (losesAll && batch.length === whole.length) return false;
  }
  return true;
}

/** Whether hosts go from task to task together: as the play says, or a person is asked, or because several are one machine. */
function goesInStep(run: RunContext, { strategy, connection, vars }: Play, batch: readonly string[]): boolean {
  if (run.steps) return true;
  if (strategy) return strategy === 'linear';
  const variable = vars.get('ansible_connection')?.value;
  const said = { keyword: connection?.value, variable: typeof variable === 'string' ? variable : undefined };
  return batch.filter((host) => run.isLocal(host, said)).length > 1;
}

/** A host's way through a play; of pinned hosts no more than `--forks` are on it. */
function walkInTurn(play: PlayRun, host: string): Promise<WalkEnd> {
  const { turns } = play.run;
  const walk = () => walkHost(play, host);
  return turns && play.play.strategy === 'host_pinned' ? turns.take(host, walk) : walk();
}

function dropOut(state: HostState): void {
  // Those that stay may still be asked for their facts by later plays.
  state.gather = undefined;
  state.out = true;
}

async function walkHost(play: PlayRun, host: string): Promise<WalkEnd> {
  const state = play.run.host(host);
  const walk: HostWalk = {
    host,
    state,
    play,
    notices: [],
    notified: new Set(),
    through: new Map(),
    ran: new Set(),
    forced: false,
    meetsAt: undefined,
    from: undefined,
    shared: play.shared,
    order: undefined,
  };
  // What a play before has thrown away on all hosts is no batch of this one.
  state.lane.recover();
  const end = await walkPlay(walk);
  play.active.delete(host);
  play.pardons.giveUp();
  if (!isLoss(end)) return end;
  dropOut(state);
  if (end.failure) play.run.emit({ type: 'host-failed', host, failure: end.failure });
  else if (end.how === 'aborted') play.run.emit({ type: 'host-ended', host });
  return end;
}
