import type { HostCommand } from '../../linux/host.ts';
import type { LinkName } from './vanish.ts';

/** A command that shows things of one link, and the same one for another link. */
export interface ShownLink {
  readonly program: string;
  readonly link: LinkName;
  readonly of: (link: LinkName) => HostCommand;
}

/** How far behind "show" the link's name is. */
const behindShow: Readonly<Record<string, number>> = { tc: 2, bridge: 2, wg: 1 };

/** Undefined where a command shows something else, or is another one. */
export function shownLink(command: HostCommand): ShownLink | undefined {
  const [program = '', ...args] = command.argv;
  // These two are told of the namespace by their own words.
  const isTold = program === 'tc' || program === 'bridge';
  const space = isTold ? args.indexOf('-n') : -1;
  const words = space < 0 ? args : args.filter((_, at) => at !== space && at !== space + 1);
  const [show, behind] = [words.indexOf('show'), behindShow[program]];
  const shown = show < 0 || behind === undefined ? -1 : show + behind;
  const at = program === 'ethtool' ? words.length - 1 : shown;
  const name = words[at];
  if (name === undefined) return undefined;
  const of = (link: LinkName): HostCommand => {
    const named = words.map((word, index) => (index === at ? link.name : word));
    if (!isTold) return { ...command, argv: [program, ...named], netns: link.netns };
    return { ...command, argv: [program, ...(link.netns === undefined ? [] : ['-n', link.netns]), ...named] };
  };
  return { program, link: { netns: space < 0 ? command.netns : args[space + 1], name }, of };
}
