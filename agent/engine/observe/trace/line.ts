/** One event as the file `trace` of an instance shows it. */
export interface TraceLine {
  readonly event: string;
  readonly cpu: number;
  readonly pid: number;
  /** Clock of the instance, microseconds. */
  readonly us: number;
  /** NAME=VALUE of its arguments; text without its quotes. */
  readonly fields: ReadonlyMap<string, string>;
}

/**
 * `            ping-204     [000] .Ns1.   374.062276: e: (ip_rcv_core+0x0/0x330) skb=0xffff8b5a57955900 dev="lo"`.
 * The name of the process (at most 15 bytes, padded to 16) is whatever that chose, and may hold a newline; it is too short
 * to hold what must follow here, so nobody can make up a line.
 */
const line = /^[^\n]{0,16}-(\d{1,7}) +\[(\d{3,5})\] [^\s]{4,6} +(\d+)\.(\d{6}): (\w+): \(([^\n]*)$/;

/** Names of devices have neither blank, nor slash, nor colon (dev_valid_name, net/core/dev.c), but may have quotes. */
const argument = / (\w+)=("\S*"|\{[0-9a-fx,]*\}|[^\s"{]+)(?= \w+=|$)/g;

/** The events in the text of `trace`, oldest first. Other lines say nothing. */
export function parseTrace(text: string): readonly TraceLine[] {
  return text.split('\n').flatMap((row) => parseLine(row) ?? []);
}

function parseLine(row: string): TraceLine | undefined {
  const [, pid, cpu, seconds, micros, event = '', rest = ''] = line.exec(row) ?? [];
  if (pid === undefined) return undefined;
  // What comes first in parentheses is the place in the code.
  const fields = [...rest.slice(rest.indexOf(')') + 1).matchAll(argument)].map(
    ([, name = '', value = '']) => [name, value.startsWith('"') ? value.slice(1, -1) : value] as const,
  );
  return {
    ...{ event, cpu: Number(cpu), pid: Number(pid), us: Number(seconds) * 1_000_000 + Number(micros) },
    fields: new Map(fields),
  };
}

/** How many events the trace lost because its buffers were full. `entries-in-buffer/entries-written: 38/41`. */
export function lostEvents(text: string): number {
  const [, kept, written] = /^# entries-in-buffer\/entries-written: (\d+)\/(\d+) /m.exec(text) ?? [];
  return kept === undefined ? 0 : Number(written) - Number(kept);
}
