import { isDeepStrictEqual } from 'node:util';
import type { Action, Plan, Step } from '../../modules/module.ts';
import type { Row } from '../../modules/shared/rows.ts';
import { type Move, moveOf, staysInNetns } from '../steps/moved-links.ts';
import { goesAlong, movedStep } from '../steps/moved-steps.ts';
import { after } from '../steps/touched.ts';
import { addedLinks, isSame as isLink, type LinkName, vanishesWith } from '../steps/vanish.ts';
import { isLost, type Loss } from './imagined-losses.ts';

/** What a task is about. */
export interface About {
  /** In the words of its steps. */
  readonly objects: readonly string[];
  /** Whether they exist once it is done; undefined: it can't be said. */
  readonly present: boolean | undefined;
}

/** What a task would do after those before it. */
export interface Remaining {
  readonly plan: Plan;
  readonly changed: boolean;
  /** Objects that are no more afterwards. */
  readonly removed: readonly string[];
}

/**
 * The steps that the tasks of a run would have carried out, were it not in check mode. A task plans for the host as it is: held
 * against these, what one before it would have done is not to be done again, and what one would have changed that it wishes to
 * be as it is now is led back. Files and sysctls are not among them, since modules read those as the run would have left them.
 */
export class PlannedSteps {
  #steps: readonly Step[] = [];
  /** A link would have got another name or place. */
  #hasMoves = false;

  clear(): void {
    this.#steps = [];
    this.#hasMoves = false;
  }

  /** Links that would have been made; undefined where some would have got another name or place, or would have gone. */
  get links(): readonly LinkName[] | undefined {
    if (this.#hasMoves || this.#steps.some(({ removes }) => removes)) return undefined;
    return this.#steps.flatMap(({ action }) => addedLinks(action));
  }

  /** The kind of a link that would have been made. */
  kindOf(link: LinkName): string | undefined {
    const making = this.#actions.find((action) => addedLinks(action).some((made) => isLink(made, link)));
    return making?.op === 'ip' ? after(making.args, 'type') : undefined;
  }

  /** Whether a link would be up or down, where steps would have set that. */
  isUp(link: LinkName): boolean | undefined {
    const said = this.#said(link, 'up', 'down');
    return said && said[0] === 'up';
  }

  /** The last of these words that would have been said of a link, and its value. Behind `type` is what its kind has. */
  #said(link: LinkName, ...wished: readonly string[]): readonly string[] | undefined {
    const said = this.#actions.flatMap((action) => {
      if (action.op !== 'ip' || action.args[0] !== 'link') return [];
      const { netns, args } = action;
      const isSet = args[1] === 'set' && isLink({ netns, name: args[3] ?? '' }, link);
      if (!isSet && !isLink(addedLinks(action)[0], link)) return [];
      const pairs = args.flatMap((word, at) => (at % 2 === 0 ? [[word, args[at + 1] ?? '']] : [])).slice(isSet ? 2 : 1);
      const end = pairs.findIndex(([word]) => word === 'type');
      return end < 0 ? pairs : pairs.slice(0, end);
    });
    return said.findLast(([word = '']) => wished.includes(word));
  }

  /** A link that would have been made is as the step has it: somebody said so, or nobody said anything else. */
  #isSo({ action, undo }: Step): boolean {
    if (action.op !== 'ip' || action.args[0] !== 'link') return false;
    const { netns, args } = action;
    // A pair may be named by either end, where nothing else is said of that one.
    const pair = addedLinks(action).toReversed();
    if (pair.length === 2) {
      const isBare = args.length === 9 + 2 * pair.filter((end) => end.netns !== netns).length;
      return isBare && this.#actions.some((made) => isDeepStrictEqual(addedLinks(made), pair));
    }
    if (args[1] !== 'set') return false;
    const [name = '', word = '', value] = args.slice(3);
    const link = { netns, name };
    if (word === 'down') return undo.length === 0 && this.isUp(link) !== true;
    if (args.length !== 6) return false;
    const said = this.#said(link, word, `no${word}`);
    return said === undefined ? isDeepStrictEqual(undo, [action]) : said[1] === value;
  }

  /** Links that would have been made there, as ip would show them, in what they stand on and are ports of. */
  rows(netns: string | undefined): readonly Row[] {
    return this.#actions.flatMap((action): Row[] => {
      if (action.op !== 'ip' || action.netns !== netns) return [];
      const [made] = addedLinks(action);
      if (made === undefined) return [];
      const [, master] = this.#said({ netns, name: made.name }, 'master', 'nomaster') ?? [];
      const linkinfo = { info_kind: after(action.args, 'type') };
      return [{ ifname: made.name, link: after(action.args.slice(1), 'link'), master: master || undefined, linkinfo }];
    });
  }

  /** What was planned of a link is planned of it under its other name; with another namespace goes only what it is by itself. */
  move(move: Move): void {
    const staying = staysInNetns(move) ? this.#steps : this.#steps.filter(({ action }) => goesAlong(action, move));
    this.#steps = staying.map((step) => movedStep(step, move));
  }

  get #actions(): readonly Action[] {
    return this.#steps.map(({ action }) => action);
  }

  /** What would have been dropped by the kernel is not there any more for tasks behind. */
  lose(losses: readonly Loss[]): void {
    this.#steps = this.#steps.filter(({ action }) => !losses.some((loss) => isLost(action, loss)));
  }

  /** What is left of a task's plan; notes it as planned. */
  take(plan: Plan, { objects, present }: About): Remaining {
    const whole = plan.steps.filter((step) => step.part === undefined).map(({ object }) => object);
    const left = plan.steps.filter(
      (step) => !this.#steps.some((planned) => isSame(planned, step)) && !this.#isSo(step),
    );
    const { kept = [] } = plan;
    const back = this.#steps.filter(({ object, part, removes = false }) => {
      if (!objects.includes(object)) return false;
      if (part !== undefined) return kept.includes(part);
      return !whole.includes(object) && removes === (present ?? removes);
    });
    const steps = [...back.toReversed().flatMap(inverse), ...left];
    const goes = (planned: Step) => steps.some(({ action }) => goesWith(planned.action, action));
    const lasts = (planned: Step) =>
      !back.includes(planned) && !left.some((step) => areOfOne(step, planned)) && !goes(planned);
    const gone = this.#steps.filter(goes);
    this.#hasMoves ||= left.some(({ action }) => moveOf(action) !== undefined);
    this.#steps = [
      ...this.#steps.filter(lasts),
      ...left.filter(({ action }) => !readBack.includes(action.op) && moveOf(action) === undefined),
    ];
    const removals = [
      ...left.filter(({ removes }) => removes),
      ...back.filter(({ part, removes }) => part === undefined && !removes),
    ];
    const changed = left.length + back.length > 0;
    return {
      plan: changed ? { ...plan, steps } : { ...plan, steps, before: plan.after },
      changed,
      removed: [...removals, ...gone].map(({ object }) => object),
    };
  }
}

/** What the planned action would act on, or has made, goes with what the other one takes: a pair does with either end. */
function goesWith(planned: Action, removal: Action): boolean {
  if (vanishesWith(planned, removal)) return true;
  return removal.op === 'netns-delete' && addedLinks(planned).some(({ netns }) => netns === removal.name);
}

const readBack: readonly Action['op'][] = ['file', 'sysctl'];

/** Both set the same part of the same thing. */
function areOfOne(a: Step, b: Step): boolean {
  return a.object === b.object && (partOf(a) === partOf(b) || (setsState(a.action) && setsState(b.action)));
}

/** What sets a new link up has no part and no inverse: the word that ip is told stands for it. */
function partOf({ part, action, undo }: Step): string | undefined {
  if (part !== undefined || undo.length > 0) return part;
  return `${action.op} ${'args' in action ? action.args[4] : ''}`;
}

function setsState({ op, ...action }: Action): boolean {
  return op === 'ip' && 'args' in action && ['up', 'down'].includes(action.args.at(-1) ?? '');
}

function isSame(a: Step, b: Step): boolean {
  return areOfOne(a, b) && isDeepStrictEqual(a.action, b.action);
}

/** What leads back to the host as it is. */
function inverse({ object, action, undo, removes }: Step): Step[] {
  return undo.map((back) => ({ object, action: back, undo: [action], removes: removes !== true }));
}
