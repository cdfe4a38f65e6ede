import type { Meaning } from './ip-words.ts';
import { type Read, readWords } from './read-words.ts';
import { type Params, plain } from './translated.ts';

const flags = { key: { key: true }, csum: { csum: true }, seq: { seq: true } };

/** What is put around packets, by its kind (ip-route(8)); the labels of mpls stand first. */
const kinds: Readonly<Record<string, Readonly<Record<string, Meaning>>>> = {
  mpls: { ttl: 'ttl' },
  seg6: { mode: 'mode', segs: 'segs' },
  seg6local: {
    ...{ action: 'action', nh4: 'nh4', nh6: 'nh6', table: 'table', vrftable: 'vrftable', oif: 'oif' },
    ...{ srh: {}, segs: 'segs', flavors: 'flavors', lblen: 'lblen', nflen: 'nflen' },
  },
  ip: { id: 'id', dst: 'dst', src: 'src', ttl: 'ttl', tos: 'tos', ...flags },
  ip6: { id: 'id', dst: 'dst', src: 'src', hoplimit: 'ttl', tc: 'tos', ...flags },
};

type Around = { readonly params: Params; readonly others: readonly string[] } | { readonly reason: string };

/** `encap KIND ...` apart from all others: it takes words until one is not its own. */
function readEncap(words: readonly string[]): Around {
  const from = words.indexOf('encap');
  if (from < 0) return { params: {}, others: words };
  const [type = '', ...behind] = words.slice(from + 1);
  const own = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  if (own === undefined) return { reason: `orch has no task for encap ${type}` };
  const labels = type === 'mpls' ? 1 : 0;
  let end = labels;
  for (let word = behind[end]; word !== undefined && Object.hasOwn(own, word); word = behind[end])
    end += typeof own[word] === 'string' ? 2 : 1;
  const read = readWords(behind.slice(labels, end), own, false);
  if ('reason' in read) return read;
  const first = labels === 0 ? {} : { labels: (behind[0] ?? '').split('/').map(plain) };
  return {
    params: { encap: { type, ...first, ...read.params } },
    others: [...words.slice(0, from), ...behind.slice(end)],
  };
}

/** As `readWords`, of a way that packets take, which may have an encapsulation. */
export function readWay(words: readonly string[], meanings: Readonly<Record<string, Meaning>>, alone = true): Read {
  const around = readEncap(words);
  if ('reason' in around) return around;
  const read = readWords(around.others, meanings, alone);
  return 'reason' in read ? read : { ...read, params: { ...read.params, ...around.params } };
}
