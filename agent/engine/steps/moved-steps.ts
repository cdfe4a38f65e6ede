import type { Action } from '../../linux/action.ts';
import type { Step } from '../../modules/module.ts';
import { deleteLink, netnsWords } from '../../modules/shared/link/actions.ts';
import { knownKind } from '../../modules/shared/link/kind.ts';
import { placed } from '../../modules/shared/place.ts';
import { type Move, moved, staysInNetns } from './moved-links.ts';
import { after } from './touched.ts';
import { addedLinks, isSame, type LinkName, vanishesWith } from './vanish.ts';

/** Of programs that set a link up, those whose settings are its own. */
const own: readonly Action['op'][] = ['ethtool', 'wg', 'macsec'];

/** Whether what an action does lasts when the link goes to another namespace: it makes it, or is about itself or others. */
export function goesAlong(action: Action, { from }: Move): boolean {
  if (!vanishesWith(action, deleteLink(from.netns, from.name)) || own.includes(action.op)) return true;
  if (action.op === 'bridge') return ['dst', 'nhid'].some((word) => action.args.includes(word));
  const [object = '', , , , ...words] = action.op === 'ip' ? action.args : [];
  return (
    ['link', 'tuntap'].includes(object) && !words.some((word) => ['master', 'nomaster', 'bridge_slave'].includes(word))
  );
}

/** A step as it would be written of the link where it is now. */
export function movedStep(step: Step, move: Move): Step {
  const [was, is] = [move.from, move.to].map(({ netns, name }) => placed(netns, name));
  const object = step.object
    .split(' ')
    .map((word) => (word === was ? is : word))
    .join(' ');
  const undo = step.undo.map((action) => movedAction(action, move));
  return { ...step, object, action: movedAction(step.action, move), undo };
}

/** Words of ip and bridge that a link's name stands behind. */
const naming = ['dev', 'name', 'link', 'master', 'port', 'parent'];

/** An action as it would be written of the link where it is now. */
export function movedAction(action: Action, move: Move): Action {
  const { from, to } = move;
  const pair = action.op === 'ip' ? addedLinks(action) : [];
  if (action.op === 'ip' && pair.length === 2 && pair.some((end) => isSame(end, from)))
    return pairAction(
      action,
      pair.map((end) => moved(end, move)),
    );
  const [made] = pair;
  if (action.op === 'ip' && made !== undefined && isSame(made, from)) return makingAction(action, to);
  if (('netns' in action ? action.netns : undefined) !== from.netns) return action;
  const renamed = (args: readonly string[]) =>
    args.map((word, at) => (word === from.name && naming.includes(args[at - 1] ?? '') ? to.name : word));
  // What stays behind names others there.
  const isIts = staysInNetns(move) || own.includes(action.op) || isSet(action, from.name);
  if (!isIts) return action;
  const netns = to.netns;
  switch (action.op) {
    case 'ip':
    case 'bridge':
      return { ...action, netns, args: renamed(action.args) };
    case 'tc': {
      const dev = action.dev === from.name ? to.name : action.dev;
      return { ...action, netns, dev, commands: action.commands.map(renamed) };
    }
    case 'wg':
    case 'macsec':
      return action.dev === from.name ? { ...action, netns, dev: to.name } : action;
    case 'ethtool':
      return action.args[1] === from.name ? { ...action, netns, args: action.args.with(1, to.name) } : action;
    default:
      return action;
  }
}

/** What makes a link elsewhere, in the words of makeLink: one with a parent or underlay where that is. */
function makingAction({ args, netns }: Action & { op: 'ip' }, to: LinkName): Action {
  const home = after(args, 'link-netns') ?? netns;
  const isSpace = (word?: string) => word === 'netns' || word === 'link-netns';
  const plain = args.filter((word, at) => !isSpace(word) && !isSpace(args[at - 1]));
  const key = args[0] === 'tuntap' ? 'dev' : 'name';
  const words = plain.map((word, at) => (plain[at - 1] === key ? to.name : word));
  const { underlay = 'own' } = knownKind(after(args, 'type')) ?? {};
  const stays = args[2] === 'link' || (key === 'name' && args.includes('dev')) || underlay !== 'own';
  if (!stays || home === to.netns) return { op: 'ip', netns: to.netns, args: words };
  const elsewhere = to.netns === undefined ? netnsWords('link-netns', home) : netnsWords('netns', to.netns);
  return {
    op: 'ip',
    netns: to.netns && home,
    args: words.flatMap((word) => (word === 'type' ? [...elsewhere, word] : word)),
  };
}

/** What makes a pair with its ends elsewhere, in the words of makeLink. */
function pairAction(action: Action & { op: 'ip' }, ends: readonly LinkName[]): Action {
  const spaces = ends.map(({ netns }) => netns);
  const here = spaces[0] === spaces[1];
  const left = ends.map(({ name }) => name);
  const isSpace = (at: number) => action.args[at] === 'netns' && action.args[at - 1] !== 'name';
  const args = action.args.flatMap((word, at, all) => {
    if (isSpace(at) || isSpace(at - 1)) return [];
    if (all[at - 1] === 'name') return left.shift() ?? word;
    return word === 'type' && !here ? [...netnsWords('netns', spaces[0]), word] : word;
  });
  return {
    op: 'ip',
    netns: here ? spaces[0] : undefined,
    args: here ? args : [...args, ...netnsWords('netns', spaces[1])],
  };
}

/** Of what bridge would do to a link, an entry of a VXLAN alone goes along. */
function isSet(action: Action, name: string): boolean {
  if (action.op !== 'ip') return action.op === 'bridge' && after(action.args, 'dev') === name;
  return action.args[0] === 'link' && action.args[1] === 'set' && action.args[3] === name;
}
