import type { Action } from '../../linux/action.ts';
import { type Row, texts } from '../../modules/shared/rows.ts';
import { freed } from '../steps/moved-links.ts';
import { after } from '../steps/touched.ts';
import type { LinkName } from '../steps/vanish.ts';

/** What `ip link set` would have said of a link. */
export interface LinkSetting {
  readonly link: LinkName;
  readonly words: readonly string[];
}

export function settingOf(action: Action): LinkSetting | undefined {
  if (action.op !== 'ip' || action.args[0] !== 'link' || action.args[1] !== 'set') return undefined;
  const [dev, name = '', ...words] = action.args.slice(2);
  return dev === 'dev' ? { link: { netns: action.netns, name }, words } : undefined;
}

/** A link's row as the words would have left it, in what they say of every link. */
export function asSet(row: Row, words: readonly string[]): Row {
  const said = Object.entries(fields).flatMap(([word, [key, read]]) => {
    const value = after(words, word);
    return value === undefined ? [] : [[key, read(value)] as const];
  });
  // A port begins anew with each master.
  const own = words.includes('nomaster') || words.includes('master') ? freed(row) : row;
  return { ...own, ...Object.fromEntries(said), flags: flagsOf(row, words) };
}

const fields: Readonly<Record<string, readonly [string, (value: string) => unknown]>> = {
  mtu: ['mtu', Number],
  txqueuelen: ['txqlen', Number],
  address: ['address', String],
  alias: ['ifalias', String],
  group: ['group', String],
  master: ['master', String],
};

function flagsOf(row: Row, words: readonly string[]): readonly string[] {
  let flags = texts(row, 'flags');
  const set = (flag: string, isOn: boolean) => {
    flags = [...flags.filter((each) => each !== flag), ...(isOn ? [flag] : [])];
  };
  if (words[0] === 'up' || words[0] === 'down') set('UP', words[0] === 'up');
  for (const [word, flag] of Object.entries(deviceFlags)) {
    const value = after(words, word);
    if (value !== undefined) set(flag, (value === 'on') !== (word === 'arp'));
  }
  return flags;
}

const deviceFlags: Readonly<Record<string, string>> = {
  arp: 'NOARP',
  multicast: 'MULTICAST',
  promisc: 'PROMISC',
  allmulticast: 'ALLMULTI',
};
