import { OrchError } from '../../../proto/errors.ts';
import type { LookedUp, Lookup } from '../../../proto/gen/orch/v1/agent.ts';
import type { Observing } from '../../linux/ip/queries.ts';
import { parseIp } from '../../modules/shared/ip-address.ts';
import { routeRefusal } from '../../modules/shared/reach/kernel-route.ts';
import { withTableNumbers } from '../../modules/shared/tables.ts';

/** Asks the kernel for a way, and keeps its words when it refuses. Throws OrchError for what is no address or device. */
export async function lookUp(host: Observing, asked: Lookup): Promise<LookedUp> {
  const netns = asked.netns || undefined;
  if (host.netnsInode(netns) === undefined) {
    throw new OrchError({ code: 'missing-object', summary: `There is no network namespace ${asked.netns}.` });
  }
  const words = lookupWords(asked);
  try {
    const { rows, missing } = await host.ip(['route', 'get', ...words], netns);
    if (missing) return { routeJson: '', refusal: `No such device: ${asked.iif || asked.oif}` };
    const [row] = await withTableNumbers(host, rows);
    return { routeJson: row === undefined ? '' : JSON.stringify(row), refusal: '' };
  } catch (error) {
    const refusal = routeRefusal(error);
    if (refusal === undefined) throw error;
    return { routeJson: '', refusal };
  }
}

function lookupWords({ fibmatch, to, from, iif, oif, mark, ipproto, sport, dport }: Lookup): string[] {
  const word = (name: string, value: string | number) => (value === '' || value === 0 ? [] : [name, String(value)]);
  if (ipproto !== '' && !/^[a-z0-9-]{1,32}$/.test(ipproto)) throw wrong('an IP protocol', ipproto);
  return [
    ...(fibmatch ? ['fibmatch'] : []),
    address(to),
    ...(from === '' ? [] : ['from', address(from)]),
    ...word('iif', device(iif)),
    ...word('oif', device(oif)),
    ...word('mark', mark),
    ...word('ipproto', ipproto),
    ...word('sport', sport),
    ...word('dport', dport),
  ];
}

/** The text, when it is an IP address: it becomes a word of a command. */
export function address(text: string): string {
  if (parseIp(text) === undefined) throw wrong('an IP address', text);
  return text;
}

/** A device's name as the kernel takes it (dev_valid_name, net/core/dev.c), or nothing. */
function device(text: string): string {
  if (text !== '' && !/^[^\s/:]{1,15}$/.test(text)) throw wrong('the name of a device', text);
  return text;
}

function wrong(what: string, text: string): OrchError {
  return new OrchError({ code: 'invalid-parameter', summary: `${JSON.stringify(text)} is not ${what}.` });
}
