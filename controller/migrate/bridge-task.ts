import { portSwitches, portWords } from './ip-words.ts';
import { readSwitches, readWords } from './read-words.ts';
import { one, onlyAsks, type Params, type Translated } from './translated.ts';
import { within } from './within-netns.ts';

const entryWords = {
  ...{ dev: 'dev', dst: 'dst', vlan: 'vlan', port: 'port', vni: 'vni', src_vni: 'src_vni', via: 'via', nhid: 'nhid' },
  ...{ master: { of: 'master' }, self: { of: 'self' }, sticky: { sticky: true }, router: { router: true } },
  ...{ static: { type: 'static' }, permanent: { type: 'permanent' }, local: { type: 'permanent' } },
};
const groupWords = { dev: 'dev', port: 'port', grp: 'grp', src: 'src', vid: 'vlan', permanent: {} };
/** States of the spanning tree by their numbers (if_bridge.h). */
const states = ['disabled', 'listening', 'learning', 'forwarding'];

/** `bridge fdb|link|mdb ...` (bridge(8)). */
export function bridgeTask(argv: readonly string[]): Translated {
  const [option = '', netns, ...inside] = argv;
  if (/^-n(?:etns)?$/.test(option)) return within(bridgeTask(inside), netns);
  const [object = '', command = 'show', ...words] = argv;
  if (['show', 'list', 'ls', 'get'].includes(command)) return onlyAsks;
  const gone = command === 'del' || command === 'delete' ? { state: 'absent' } : {};
  if (object === 'fdb') return entryTask(words, gone);
  if (object === 'link' && command === 'set') return bridgePort(undefined, words);
  if (object === 'mdb') {
    const found = readWords(words, groupWords, false);
    return 'reason' in found ? found : one('mdb', { ...found.params, ...gone });
  }
  if (object === 'vlan')
    return { reason: 'the module bridge_port has all VLANs of a port in one task: look at `orch doc bridge_port`' };
  return { reason: `orch has no task for "bridge ${object}"` };
}

/** Without a word bridge means `self` and `permanent`. */
function entryTask(words: readonly string[], gone: Params): Translated {
  const found = readWords(words, entryWords);
  if ('reason' in found) return found;
  const { of = 'self', type = 'permanent', ...params } = found.params;
  return one('fdb', { lladdr: found.first, ...params, of, ...(gone.state === undefined ? { type } : gone) });
}

/** Flags and numbers of a bridge's port, by `bridge link set` or `ip link set ... type bridge_slave`. */
export function bridgePort(name: unknown, words: readonly string[]): Translated {
  const { switched, others } = readSwitches(words, portSwitches);
  const found = readWords(others, portWords, false);
  if ('reason' in found) return found;
  const { dev = name, state, ...params } = found.params;
  const inTree = state === undefined ? {} : { state: states[Number(state)] ?? state };
  return one('bridge_port', { name: dev, ...switched, ...params, ...inTree });
}
