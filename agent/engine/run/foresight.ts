import type { Item } from '../../../proto/gen/orch/v1/agent.ts';
import type { ActingHost } from '../../linux/acting-host.ts';
import type { Action, AnyModule, Plan, Step } from '../../modules/module.ts';
import type { Journal } from '../books/journal.ts';
import type { Ledger } from '../books/ledger.ts';
import { withLosses } from '../losses/losses.ts';
import { bringsNeighbours } from '../losses/lost-with-link.ts';
import type { LinkName } from '../steps/vanish.ts';
import { parseParams } from './params.ts';
import type { TaskHost } from './task-host.ts';

/** How many items are looked ahead at first, and at most: four times as many whenever all that was foreseen came. */
const [fewest, most] = [4, 64];

/**
 * What may outlive the kernel that runs. Of what was foreseen, that alone counts which is marked as begun, and the mark is not
 * synced: it is lost together with the kernel that the step changed.
 */
const lasting: readonly Action['op'][] = ['file', 'exec', 'daemon', 'daemon-remove'];

/** Where the inverses are kept. */
interface Books {
  readonly ledger: Ledger;
  readonly journal: Journal;
}

/** An item whose turn it is. */
interface Turn extends Books {
  readonly run: string;
  readonly where: string;
  readonly item: number;
  readonly host: ActingHost;
}

type ConvergeModule = Extract<AnyModule, { form: 'converge' }>;

/**
 * Looks ahead in the items of one task: what they would do by the host as it is now is written down and synced at once, since
 * a disk takes longer for that than the kernel for a change. Each item is read and planned again in its turn, unless it makes
 * something new: the kernel refuses to make what is there. When that does the same, its inverse is on disk already; otherwise
 * what was foreseen is forgotten.
 */
export class Foresight {
  private readonly module: ConvergeModule;
  private readonly items: readonly Item[];
  private readonly view: TaskHost;
  private width = fewest;
  /** The first item that was not looked at. */
  private until = 0;
  /** Plans of those that come, by item. */
  private readonly coming = new Map<number, Plan>();

  constructor(module: ConvergeModule, items: readonly Item[], view: TaskHost) {
    this.module = module;
    this.items = items;
    this.view = view;
  }

  /** Before an item's steps are written down, which the journal has as `noted`. */
  async before(turn: Turn, steps: readonly Step[], noted: readonly Step[]): Promise<void> {
    const { ledger, journal, item } = turn;
    if (ledger.foresees || this.items.length - item < 2 || !steps.every(passes)) return;
    this.width = this.until > 0 && item >= this.until ? Math.min(this.width * 4, most) : fewest;
    const plans = [steps];
    const notes = [noted];
    const run = {
      takesBackMaster: (link: LinkName) =>
        journal.takesBackMaster(link) || notes.flat().some(({ undo }) => bringsNeighbours(undo, link)),
    };
    this.coming.clear();
    const coming = this.items.slice(item + 1, item + 1 + this.width);
    for (const next of await Promise.all(coming.map((each) => this.planned(each)))) {
      if (next === undefined || !next.steps.every(passes)) break;
      this.coming.set(item + plans.length, next);
      plans.push(next.steps);
      notes.push(await withLosses(next.steps, turn.host, run));
    }
    this.until = item + plans.length;
    await Promise.all([journal.foresee(notes, ledger), ledger.foresee(turn, plans)]);
  }

  /** The plan of an item that was foreseen to make something new and nothing else; undefined: it is to be looked at in its turn. */
  newThing(item: number, ledger: Ledger): Plan | undefined {
    const plan = this.coming.get(item);
    const [making, ...setting] = plan?.steps ?? [];
    if (making === undefined || !makes(making) || ledger.owns(making.object)) return undefined;
    return setting.every(({ undo }) => undo.length === 0) ? plan : undefined;
  }

  /** The task is over. */
  end({ ledger, journal }: Books): void {
    ledger.forgetForeseen();
    journal.forgetForeseen();
  }

  /** Undefined where that is for the item's own turn to say. */
  private async planned({ paramsJson }: Item): Promise<Plan | undefined> {
    try {
      const params = await parseParams(this.module, paramsJson, this.view);
      return this.module.plan(params, await this.module.read(params, this.view));
    } catch {
      return undefined;
    }
  }
}

function passes({ action, undo }: Step): boolean {
  return [action, ...undo].every(({ op }) => !lasting.includes(op));
}

/** NLM_F_EXCL, and O_EXCL of a namespace's file. */
function makes({ action }: Step): boolean {
  return action.op === 'netns-add' || (action.op === 'ip' && action.args[0] === 'link' && action.args[1] === 'add');
}
