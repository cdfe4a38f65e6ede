import { Fault } from '../fault.ts';
import { dayMs, dayOf, months, zoneName } from './datetime.ts';
import { CalendarDate, DateTime, type Moment } from './moment.ts';

const numbers: Readonly<Record<string, string>> = {
  ...{ Y: '(\\d{4})', m: '(1[0-2]|0?[1-9])', d: '(3[01]|[12]\\d|0?[1-9])', H: '(2[0-3]|[01]?\\d)', y: '(\\d{2})' },
  ...{
    I: '(1[0-2]|0?[1-9])',
    M: '([0-5]?\\d)',
    S: '(6[01]|[0-5]?\\d)',
    f: '(\\d{1,6})',
    j: '(\\d{1,3})',
    p: '(AM|PM)',
  },
  ...{
    z: '(Z|[+-]\\d\\d:?\\d\\d)',
    Z: '(UTC|GMT|)',
    b: '([A-Za-z]{3})',
    B: '([A-Za-z]+)',
    a: '([A-Za-z]{3})',
    A: '([A-Za-z]+)',
  },
};
const shorthand: Readonly<Record<string, string>> = { T: '%H:%M:%S', D: '%m/%d/%y', F: '%Y-%m-%d', R: '%H:%M' };

/** Python's datetime.strptime(). */
export function parseTime(text: string, given: string): DateTime {
  const format = given.replace(/%([TDFR])/g, (_, letter: string) => shorthand[letter] ?? '');
  const letters: string[] = [];
  const pattern = format.replace(/%([a-zA-Z%])|\s+|[\\^$.*+?()[\]{}|]/g, (whole, letter?: string) => {
    if (letter === undefined) return /^\s/.test(whole) ? '\\s+' : `\\${whole}`;
    if (letter === '%') return '%';
    const part = numbers[letter];
    if (part === undefined) throw new Fault(`'%${letter}' is not a part of a time that can be read`);
    letters.push(letter);
    return part;
  });
  const found = new RegExp(`^${pattern}$`, 'i').exec(text);
  if (!found) throw new Fault(`time data '${text}' does not match format '${given}'`);
  const part = new Map(letters.map((letter, index) => [letter, found[index + 1] ?? '']));
  const number = (letter: string, otherwise: number) => (part.has(letter) ? Number(part.get(letter)) : otherwise);
  const monthOf = (name: string | undefined) =>
    months.findIndex((month) => name !== undefined && month.toLowerCase().startsWith(name.toLowerCase())) + 1;
  const short = part.has('y') ? number('y', 0) + (number('y', 0) < 69 ? 2000 : 1900) : 1900;
  const month = number('m', monthOf(part.get('b') ?? part.get('B')) || 1);
  const hour = part.has('I')
    ? (number('I', 12) % 12) + (part.get('p')?.toUpperCase() === 'PM' ? 12 : 0)
    : number('H', 0);
  const day = number('d', 1);
  const time = Date.UTC(number('Y', short), month - 1, day, hour, number('M', 0), number('S', 0));
  const at = new Date(part.has('j') ? Date.UTC(number('Y', short), 0, number('j', 1)) + (time % dayMs) : time);
  if (!part.has('j') && at.getUTCDate() !== day) throw new Fault(`'${text}' is a day that its month does not have`);
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(part.get('z') ?? '') ?? [];
  const offset =
    part.get('z') === undefined
      ? undefined
      : (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
  return new DateTime({
    at,
    microseconds: Number((part.get('f') ?? '0').padEnd(6, '0')),
    offset,
    zone: zoneName(offset),
  });
}

const stamp =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(?:(Z)|([-+])(\d\d?)(?::(\d\d))?))?)?$/;

/** The date or time that a text of YAML 1.1 is; undefined when it is none. Throws a Fault for one that there is not. */
export function readStamp(text: string): Moment | undefined {
  const found = stamp.exec(text);
  // A day alone has two digits for each of its parts.
  if (!found || (found[4] === undefined && text.length !== 10)) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const [fraction = '', utc, sign, hours, minutes] = found.slice(7);
  const at = dayOf(year, month - 1, day);
  const isThere = year > 0 && at.getUTCMonth() === month - 1 && at.getUTCDate() === day;
  if (!isThere || hour > 23 || minute > 59 || second > 59) throw new Fault(`there is no such date or time: ${text}`);
  at.setUTCHours(hour, minute, second);
  if (found[4] === undefined) return new CalendarDate({ at, microseconds: 0, offset: undefined, zone: '' });
  const east = (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
  const offset = utc === undefined && sign === undefined ? undefined : east;
  const microseconds = Number(fraction.slice(0, 6).padEnd(6, '0'));
  return new DateTime({ at, microseconds, offset, zone: zoneName(offset) });
}
