import { Fault } from '../fault.ts';

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
export const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];

export const two = (value: number): string => String(value).padStart(2, '0');
export const dayMs = 86_400_000;

/** A moment's parts on a clock's face; `offset` is minutes east of UTC, undefined where none is known. */
export interface Clock {
  readonly at: Date;
  readonly microseconds: number;
  readonly offset: number | undefined;
  readonly zone: string;
}

/** Reads the parts of `at` as UTC shows them. */
export function partsOf({ at, microseconds }: Clock) {
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  const yearDay = Math.floor((Date.UTC(year, month, day) - Date.UTC(year, 0, 1)) / dayMs) + 1;
  return {
    ...{ year, month, day, yearDay, weekday: at.getUTCDay() },
    ...{ hour: at.getUTCHours(), minute: at.getUTCMinutes(), second: at.getUTCSeconds(), microseconds },
  };
}

/** ISO 8601's year, week and day of the week. */
export function isoWeek(at: Date): { year: number; week: number; day: number } {
  const day = at.getUTCDay() === 0 ? 7 : at.getUTCDay();
  const thursday = new Date(at.getTime() + (4 - day) * dayMs);
  const year = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * dayMs)) + 1;
  return { year, week, day };
}

const zoneText = (offset: number | undefined): string => {
  if (offset === undefined) return '';
  const size = Math.abs(offset);
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`;
};

export const colonZone = (offset: number): string => zoneText(offset).replace(/(\d\d)$/, ':$1');

/** What Python calls a zone that is an offset only. */
export function zoneName(offset: number | undefined): string {
  if (offset === undefined) return '';
  return offset === 0 ? 'UTC' : `UTC${colonZone(offset)}`;
}

/** C's strftime() in the C locale. */
export function formatTime(format: string, clock: Clock): string {
  const { year, month, day, yearDay, weekday, hour, minute, second, microseconds } = partsOf(clock);
  const iso = isoWeek(clock.at);
  const hour12 = hour % 12 === 0 ? 12 : hour % 12;
  const table: Readonly<Record<string, () => string>> = {
    a: () => (days[weekday] ?? '').slice(0, 3),
    A: () => days[weekday] ?? '',
    b: () => (months[month] ?? '').slice(0, 3),
    B: () => months[month] ?? '',
    c: () => formatTime('%a %b %e %H:%M:%S %Y', clock),
    C: () => two(Math.floor(year / 100)),
    d: () => two(day),
    D: () => formatTime('%m/%d/%y', clock),
    e: () => String(day).padStart(2),
    f: () => String(microseconds).padStart(6, '0'),
    F: () => formatTime('%Y-%m-%d', clock),
    G: () => String(iso.year),
    g: () => two(iso.year % 100),
    h: () => (months[month] ?? '').slice(0, 3),
    H: () => two(hour),
    I: () => two(hour12),
    j: () => String(yearDay).padStart(3, '0'),
    k: () => String(hour).padStart(2),
    l: () => String(hour12).padStart(2),
    m: () => two(month + 1),
    M: () => two(minute),
    n: () => '\n',
    p: () => (hour < 12 ? 'AM' : 'PM'),
    P: () => (hour < 12 ? 'am' : 'pm'),
    r: () => formatTime('%I:%M:%S %p', clock),
    R: () => formatTime('%H:%M', clock),
    s: () => String(Math.floor(clock.at.getTime() / 1000) - (clock.offset ?? 0) * 60),
    S: () => two(second),
    t: () => '\t',
    T: () => formatTime('%H:%M:%S', clock),
    u: () => String(iso.day),
    U: () => two(Math.floor((yearDay + 6 - weekday) / 7)),
    V: () => two(iso.week),
    w: () => String(weekday),
    W: () => two(Math.floor((yearDay + 6 - ((weekday + 6) % 7)) / 7)),
    x: () => formatTime('%m/%d/%y', clock),
    X: () => formatTime('%H:%M:%S', clock),
    y: () => two(year % 100),
    Y: () => String(year),
    z: () => zoneText(clock.offset),
    Z: () => clock.zone,
    '%': () => '%',
  };
  return format.replace(/%[-_0^#]?([a-zA-Z%])/g, (whole, letter: string) => {
    const text = Object.hasOwn(table, letter) ? table[letter]?.() : undefined;
    if (text === undefined) return whole;
    if (whole.startsWith('%-')) return text.replace(/^[0 ]+(?=.)/, '');
    if (whole.startsWith('%_')) return text.replace(/^0+(?=.)/, (zeros) => ' '.repeat(zeros.length));
    return whole.startsWith('%^') ? text.toUpperCase() : text;
  });
}

/** Minutes east of UTC of this machine's clock when it shows what `face` shows as UTC. */
export function localOffset(face: Date): number {
  const local = new Date(
    ...([face.getUTCFullYear(), face.getUTCMonth(), face.getUTCDate(), face.getUTCHours()] as const),
    ...([face.getUTCMinutes(), face.getUTCSeconds()] as const),
  );
  return -local.getTimezoneOffset();
}

/** The clock's face at a moment (milliseconds since 1970), in UTC or in this machine's zone. */
export function clockAt(milliseconds: number, utc: boolean): Clock {
  const moment = new Date(Math.floor(milliseconds / 1000) * 1000);
  if (Number.isNaN(moment.getTime())) throw new Fault('the time is out of range');
  const microseconds = Math.round((milliseconds - moment.getTime()) * 1000);
  if (utc) return { at: moment, microseconds, offset: 0, zone: 'UTC' };
  const offset = -moment.getTimezoneOffset();
  const zone = moment.toLocaleTimeString('en-US', { timeZoneName: 'short' }).split(' ').at(-1) ?? '';
  return { at: new Date(moment.getTime() + offset * 60_000), microseconds, offset, zone };
}

/** The same without a zone, as Python's naive times are. */
export function nakedClock(milliseconds: number, utc: boolean): Clock {
  return { ...clockAt(milliseconds, utc), offset: undefined, zone: '' };
}

/** Midnight of a day; months count from 0. Years below 100 are themselves. */
export function dayOf(year: number, month: number, day: number): Date {
  const at = new Date(0);
  at.setUTCFullYear(year, month, day);
  return at;
}
