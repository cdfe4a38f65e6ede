import type { Argv } from 'yargs';
import { parseIp } from '../../agent/modules/shared/ip-address.ts';
import { OrchError } from '../../proto/errors.ts';
import { type Observers, openObservers } from '../connect/calls/observers.ts';
import { connect } from '../connect/connect.ts';
import type { Target } from '../connect/types.ts';
import type { Asked } from '../reach/why/expect-way.ts';
import type { Destination } from '../reach/why/way/destination.ts';
import { errorText } from '../report/error-text.ts';
import { parseEndpoint } from './endpoint.ts';
import { loginOptions, targetOptions } from './given-options.ts';
import { type Args, readSeconds } from './read-options.ts';

/** Options of commands that ask from one endpoint for another, and wait `seconds` for each answer unless told. */
export function probeOptions(yargs: Argv, seconds: number): Argv {
  return loginOptions(targetOptions(yargs))
    .positional('from', { type: 'string', demandOption: true, describe: 'HOST or HOST/NETNS that asks' })
    .positional('to', { type: 'string', demandOption: true, describe: 'Address, HOST or HOST/NETNS that is asked' })
    .options({
      proto: { type: 'string', default: 'icmp', describe: 'icmp, tcp:PORT or udp:PORT' },
      size: { type: 'number', default: 56, describe: 'Bytes of data in a probe' },
      'from-addr': { type: 'string', describe: "Address to send from; else the kernel's choice" },
      v6: { type: 'boolean', describe: 'Ask the IPv6 address of a HOST or HOST/NETNS' },
      'probe-timeout': { type: 'number', default: seconds, describe: 'Seconds to wait for the answer' },
    });
}

/** What these options ask. Throws OrchError for wrong input. */
export function readAsked(args: Args, targets: readonly Target[]): Asked {
  const [, protocol, port] = /^(icmp|tcp|udp)(?::(\d{1,5}))?$/.exec(String(args.proto)) ?? [];
  const number = Number(port ?? 0);
  const known = protocol === 'icmp' ? port === undefined : number >= 1 && number <= 65_535;
  if ((protocol !== 'icmp' && protocol !== 'tcp' && protocol !== 'udp') || !known) {
    throw wrong(`--proto takes icmp, tcp:PORT or udp:PORT, not ${JSON.stringify(args.proto)}.`);
  }
  const size = Number(args.size);
  if (!(Number.isInteger(size) && size >= 0 && size <= 65_487)) throw wrong('--size takes bytes, at most 65487.');
  const source = args.fromAddr === undefined ? undefined : String(args.fromAddr);
  if (source !== undefined && parseIp(source) === undefined) throw wrong('--from-addr takes an address.');
  const to = readDestination(String(args.to), targets);
  const v6 = args.v6 === true || ('address' in to && to.address.includes(':'));
  const timeoutMs = readSeconds('--probe-timeout', args.probeTimeout, 0.1) * 1000;
  return { from: readPlace(String(args.from), targets), to, v6, protocol, port: number, size, source, timeoutMs };
}

function readPlace(text: string, targets: readonly Target[]) {
  const { hosts, netns } = parseEndpoint(text);
  if (targets.some(({ name }) => name === hosts)) return { host: hosts, netns: netns ?? '' };
  throw new OrchError({
    code: 'unknown-host',
    summary: `There is no host ${JSON.stringify(hosts)} to ask from or to.`,
    hint: `The hosts are ${targets.map(({ name }) => name).join(', ')}.`,
  });
}

function readDestination(text: string, targets: readonly Target[]): Destination {
  if (parseIp(text) !== undefined) return { address: text };
  const place = readPlace(text, targets);
  return { ...place, preferred: targets.find(({ name }) => name === place.host)?.address ?? '' };
}

function wrong(summary: string): OrchError {
  return new OrchError({ code: 'invalid-option', summary });
}

/** Has the agents of all hosts look on; those of FROM and TO must. Throws OrchError. */
export function openOn(targets: readonly Target[], asked: Asked, signal: AbortSignal): Promise<Observers> {
  const ends = [asked.from.host, ...('host' in asked.to ? [asked.to.host] : [])];
  return openObservers(targets, connect, signal, (host, error) => {
    // A host that may not be on the way at all is missed only where the way leads there.
    if (ends.includes(host) || signal.aborted) throw error;
    process.stderr.write(`${errorText(error)}\n`);
  });
}
