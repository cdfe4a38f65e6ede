import { Fault } from './fault.ts';
import { Float } from './float.ts';
import { Callable, MemberHolder, Tuple } from './values.ts';

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];

const two = (value: number): string => String(value).padStart(2, '0');
const dayMs = 86_400_000;

/** A moment's parts on a clock's face; `offset` is minutes east of UTC, undefined where none is known. */
export interface Clock {
  readonly at: Date;
  readonly microseconds: number;
  readonly offset: number | undefined;
  readonly zone: string;
}

/** Reads the parts of `at` as UTC shows them. */
function partsOf({ at, microseconds }: Clock) {
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  const yearDay = Math.floor((Date.UTC(year, month, day) - Date.UTC(year, 0, 1)) / dayMs) + 1;
  return {
    ...{ year, month, day, yearDay, weekday: at.getUTCDay() },
    ...{ hour: at.getUTCHours(), minute: at.getUTCMinutes(), second: at.getUTCSeconds(), microseconds },
  };
}

/** ISO 8601's year, week and day of the week. */
function isoWeek(at: Date): { year: number; week: number; day: number } {
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
  if (!found) throw new Fault(`'${text}' is not a time as '${given}'`);
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
  const zone = part.get('z');
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone ?? '') ?? [];
  const offset =
    zone === undefined ? undefined : (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
  return new DateTime({
    at,
    microseconds: Number((part.get('f') ?? '0').padEnd(6, '0')),
    offset,
    zone: offset === 0 ? 'UTC' : '',
  });
}

/** Python's datetime, as far as templates use it. */
export class DateTime extends MemberHolder {
  readonly title = 'datetime';
  readonly memberNames = [
    ...['year', 'month', 'day', 'hour', 'minute', 'second', 'microsecond', 'strftime', 'timestamp', 'isoformat'],
    ...['date', 'weekday', 'isoweekday', 'isocalendar'],
  ];
  readonly clock: Clock;

  constructor(clock: Clock) {
    super();
    this.clock = clock;
  }

  /** Microseconds on its clock since 1970. */
  get micros(): number {
    return this.clock.at.getTime() * 1000 + this.clock.microseconds;
  }

  override get text(): string {
    return this.#iso(' ');
  }

  #iso(separator: string): string {
    const { microseconds, offset } = this.clock;
    const zone = offset === undefined ? '' : zoneText(offset).replace(/(\d\d)$/, ':$1');
    return formatTime(`%Y-%m-%d${separator}%H:%M:%S${microseconds > 0 ? '.%f' : ''}`, this.clock) + zone;
  }

  member(name: string): unknown {
    const { clock } = this;
    const parts = partsOf(clock);
    const call = (work: (first: unknown) => unknown) => new Callable(name, ({ positional }) => work(positional[0]));
    const values: Readonly<Record<string, () => unknown>> = {
      year: () => parts.year,
      month: () => parts.month + 1,
      day: () => parts.day,
      hour: () => parts.hour,
      minute: () => parts.minute,
      second: () => parts.second,
      microsecond: () => parts.microseconds,
      strftime: () => call((format) => formatTime(String(format), clock)),
      timestamp: () => call(() => Float.of(this.micros / 1e6 - (clock.offset ?? localOffset(clock.at)) * 60)),
      isoformat: () => call((separator) => this.#iso(typeof separator === 'string' ? separator : 'T')),
      date: () => call(() => formatTime('%Y-%m-%d', clock)),
      weekday: () => call(() => (parts.weekday + 6) % 7),
      isoweekday: () => call(() => isoWeek(clock.at).day),
      isocalendar: () => call(() => Tuple.from(Object.values(isoWeek(clock.at)))),
    };
    return Object.hasOwn(values, name) ? values[name]?.() : undefined;
  }
}

/** Minutes east of UTC of this machine's clock when it shows what `face` shows as UTC. */
function localOffset(face: Date): number {
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

/** Python's timedelta: the time between two moments. */
export class TimeDelta extends MemberHolder {
  readonly title = 'timedelta';
  readonly memberNames = ['days', 'seconds', 'microseconds', 'total_seconds'];
  readonly #micros: number;

  constructor(micros: number) {
    super();
    this.#micros = micros;
  }

  get #days(): number {
    return Math.floor(this.#micros / (dayMs * 1000));
  }

  get #rest(): number {
    return this.#micros - this.#days * dayMs * 1000;
  }

  override get text(): string {
    const seconds = Math.floor(this.#rest / 1e6);
    const fraction = this.#rest % 1e6;
    const clock = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    const dayText = this.#days === 0 ? '' : `${this.#days} day${Math.abs(this.#days) === 1 ? '' : 's'}, `;
    return `${dayText}${clock}${fraction === 0 ? '' : `.${String(fraction).padStart(6, '0')}`}`;
  }

  member(name: string): unknown {
    if (name === 'days') return this.#days;
    if (name === 'seconds') return Math.floor(this.#rest / 1e6);
    if (name === 'microseconds') return this.#rest % 1e6;
    return name === 'total_seconds' ? new Callable(name, () => Float.of(this.#micros / 1e6)) : undefined;
  }
}
