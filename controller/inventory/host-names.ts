/** More hosts than this from one line is a slip of the hand. */
const mostNames = 100_000;

/** Files are named after hosts. */
const longest = 255;

/** A host as inventories write it. */
export interface NamePattern {
  readonly names: readonly string[];
  readonly port: number | undefined;
}

const range = /\[([^[\]]*)\]/;

function letters(from: string, to: string, step: number): string[] | undefined {
  const [first, last] = [from.charCodeAt(0), to.charCodeAt(0)];
  if (from.length !== 1 || to.length !== 1 || last < first) return undefined;
  const names: string[] = [];
  for (let code = first; code <= last; code += step) names.push(String.fromCharCode(code));
  return names;
}

function numbers(from: string, to: string, step: number): string[] | undefined {
  const [first, last] = [Number(from || '0'), Number(to)];
  if (last < first || (last - first) / step >= mostNames) return undefined;
  // A leading zero sets the width for all: [01:20].
  const width = from.length > 1 && from.startsWith('0') ? from.length : 0;
  const names: string[] = [];
  for (let number = first; number <= last; number += step) names.push(String(number).padStart(width, '0'));
  return names;
}

function rangeNames(text: string): string[] | undefined {
  const [from = '', to = '', stepText = '1', ...more] = text.split(':');
  const step = Number(stepText);
  if (more.length > 0 || !/^\d+$/.test(stepText) || step < 1) return undefined;
  if (/^\d*$/.test(from) && /^\d+$/.test(to)) return numbers(from, to, step);
  return /^[A-Za-z]$/.test(from) && /^[A-Za-z]$/.test(to) ? letters(from, to, step) : undefined;
}

/** `vm[01:20]`, `db-[a:f]`, `r[0:8:2]` as names. Throws Error with what is wrong. */
function expandRanges(text: string): string[] {
  const match = range.exec(text);
  if (!match) {
    if (/[[\]]/.test(text)) throw new Error(`"${text}" has a bracket without its partner`);
    return [text];
  }
  const parts = rangeNames(match[1] ?? '');
  if (!parts) throw new Error(`"${match[0]}" is no range: write [1:20], [01:20], [a:f] or [0:10:2], the smaller first`);
  const before = text.slice(0, match.index);
  const rests = expandRanges(text.slice(match.index + match[0].length));
  if (parts.length * rests.length > mostNames) throw new Error(`"${text}" is more than ${mostNames} hosts`);
  return parts.flatMap((part) => rests.map((rest) => `${before}${part}${rest}`));
}

const port = /^(?<host>\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\]|[^:]*(?:\[[^\]]*\][^:]*)*):(?<port>\d+)$/;

/** A host entry: a name, with ranges, with `:port` behind it. Throws Error with what is wrong. */
export function parseHostName(text: string): NamePattern {
  const match = port.exec(text)?.groups;
  const name = match?.host ?? text;
  const number = match ? Number(match.port) : undefined;
  if (number !== undefined && (number < 1 || number > 65535)) throw new Error(`${number} is no port number`);
  if (/[\s,!&\0]/.test(name)) throw new Error(`${JSON.stringify(name)} cannot name a host`);
  // An IPv6 address has colons itself and no ranges.
  const bare = name.replace(/^\[(.*:.*:.*)\]$/, '$1');
  const address = /^[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$/.test(bare);
  const names = address ? [bare] : expandRanges(name);
  names.forEach(plainHostName);
  return { names, port: number };
}

/** The one host of a name whose brackets, colons and blanks are part of it. Throws Error with what is wrong. */
export function plainHostName(name: string): NamePattern {
  if (name === '') throw new Error('a host needs a name');
  if (/\p{Cc}/u.test(name)) throw new Error(`${JSON.stringify(name)} cannot name a host`);
  if (Buffer.byteLength(name) > longest)
    throw new Error(`"${name.slice(0, 32)}..." is longer than ${longest} bytes, and cannot name a host`);
  return { names: [name], port: undefined };
}
