import { one, onlyAsks, plain, type Translated } from './translated.ts';

/** What ethtool sets, by its options, and the module's parameter of it; `-s` has several of its own (ethtool(8)). */
const groups: Readonly<Record<string, string>> = {
  ...{ '-K': 'features', '--features': 'features', '--offload': 'features', '-G': 'rings', '--set-ring': 'rings' },
  ...{ '-L': 'channels', '--set-channels': 'channels', '-C': 'coalesce', '--coalesce': 'coalesce' },
  ...{ '-A': 'pause', '--pause': 'pause', '--set-priv-flags': 'private_flags' },
};
const changes = new Set(['-s', '--change', ...Object.keys(groups)]);

/** `ethtool -K DEV tso off ...`. */
export function ethtoolTask([option = '', dev, ...words]: readonly string[]): Translated {
  if (!changes.has(option)) return onlyAsks;
  const pairs: Record<string, unknown> = {};
  for (let at = 0; at < words.length; at += 2) {
    const value = words[at + 1];
    if (value === undefined) return { reason: `"${words[at]}" has no value` };
    pairs[words[at] ?? ''] = value === 'on' || value === 'off' ? value === 'on' : plain(value);
  }
  const group = groups[option];
  return one('ethtool', { dev, ...(group === undefined ? pairs : { [group]: pairs }) });
}
