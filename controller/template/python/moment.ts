import { Float } from '../../../proto/float.ts';
import { Fault } from '../fault.ts';
import { asInteger } from './coerce.ts';
import {
  type Clock,
  clockAt,
  colonZone,
  dayMs,
  dayOf,
  formatTime,
  isoWeek,
  localOffset,
  nakedClock,
  partsOf,
  two,
} from './datetime.ts';
import { Callable, type Given, MemberHolder, numberOf, Tuple, typeName } from './values.ts';

type Members = Readonly<Record<string, () => unknown>>;

const method = (name: string, work: (first: unknown) => unknown) => () =>
  new Callable(name, ({ positional }) => work(positional[0]));

/** Python's date or datetime, as far as templates use it. It is data as numbers are: variables and results hold it. */
export abstract class Moment extends MemberHolder {
  readonly clock: Clock;
  protected abstract get members(): Members;

  constructor(clock: Clock) {
    super();
    this.clock = clock;
  }

  /** As JSON has it. */
  abstract toJSON(): string;

  override toString(): string {
    return this.text;
  }

  abstract override get text(): string;

  /** As an element of a list is printed. */
  abstract override get repr(): string;

  /** Microseconds since 1970, in UTC where the offset is known. */
  get micros(): number {
    return this.clock.at.getTime() * 1000 + this.clock.microseconds - (this.clock.offset ?? 0) * 60e6;
  }

  /** True for another of its kind that knows its offset from UTC as well, or as little. */
  isLike(other: unknown): other is Moment {
    if (!(other instanceof Moment) || other.title !== this.title) return false;
    return (other.clock.offset === undefined) === (this.clock.offset === undefined);
  }

  get memberNames(): readonly string[] {
    return Object.keys(this.members);
  }

  member(name: string): unknown {
    return Object.hasOwn(this.members, name) ? this.members[name]?.() : undefined;
  }
}

/** Members that both have. */
function dayMembers(clock: Clock): Members {
  const { year, month, day, weekday } = partsOf(clock);
  return {
    year: () => year,
    month: () => month + 1,
    day: () => day,
    strftime: method('strftime', (format) => formatTime(String(format), clock)),
    weekday: method('weekday', () => (weekday + 6) % 7),
    isoweekday: method('isoweekday', () => isoWeek(clock.at).day),
    ctime: method('ctime', () => formatTime('%a %b %e %H:%M:%S %Y', clock)),
    // The first day of the year 1 is the first.
    toordinal: method('toordinal', () => Math.floor(clock.at.getTime() / dayMs) + 719_163),
    isocalendar: method('isocalendar', () => Tuple.from(Object.values(isoWeek(clock.at)))),
  };
}

const dayText = (clock: Clock): string => formatTime('%Y-%m-%d', clock).padStart(10, '0');

export class CalendarDate extends Moment {
  readonly title = 'date';
  protected get members(): Members {
    return { ...dayMembers(this.clock), isoformat: method('isoformat', () => this.text) };
  }

  override get text(): string {
    return dayText(this.clock);
  }

  override get repr(): string {
    const { year, month, day } = partsOf(this.clock);
    return `datetime.date(${year}, ${month + 1}, ${day})`;
  }

  toJSON(): string {
    return this.text;
  }
}

const parts = ['year', 'month', 'day', 'hour', 'minute', 'second', 'microsecond'] as const;
type Part = (typeof parts)[number];
const isPart = (name: string): name is Part => (parts as readonly string[]).includes(name);

/** The clock with some of its parts set, by name or in their order. */
function replaced(clock: Clock, { positional, named }: Given): Clock {
  const now = partsOf(clock);
  const wanted: Record<Part, number> = { ...now, month: now.month + 1, microsecond: now.microseconds };
  const given = [...positional.map((value, at) => [parts[at] ?? '', value] as const), ...named];
  for (const [name, value] of given) {
    if (!isPart(name)) throw new Fault(`replace has no argument '${name}'`);
    wanted[name] = asInteger(value, name);
  }
  const { year, month, day, hour, minute, second, microsecond: microseconds } = wanted;
  const at = dayOf(year, month - 1, day);
  at.setUTCHours(hour, minute, second);
  const made = { ...clock, at, microseconds };
  const shown = partsOf(made);
  const seen: Record<Part, number> = { ...shown, month: shown.month + 1, microsecond: shown.microseconds };
  const odd = parts.find((part) => seen[part] !== wanted[part]);
  if (odd !== undefined) throw new Fault(`'${odd}' is out of range`);
  return made;
}

export class DateTime extends Moment {
  readonly title = 'datetime';
  protected get members(): Members {
    const { year, month, day, hour, minute, second, microseconds } = partsOf(this.clock);
    const { offset } = this.clock;
    const unknown = { microseconds: 0, offset: undefined, zone: '' };
    return {
      ...dayMembers(this.clock),
      hour: () => hour,
      minute: () => minute,
      second: () => second,
      microsecond: () => microseconds,
      timestamp: method('timestamp', () => Float.of(this.micros / 1e6 - this.#guessedOffset * 60)),
      isoformat: method('isoformat', (separator) => this.#iso(typeof separator === 'string' ? separator : 'T')),
      replace: () => new Callable('replace', (given) => new DateTime(replaced(this.clock, given))),
      fromtimestamp: method('fromtimestamp', (seconds) => new DateTime(nakedClock(secondsOf(seconds) * 1000, false))),
      utcoffset: method('utcoffset', () => (offset === undefined ? null : new TimeDelta(offset * 60e6))),
      tzname: method('tzname', () => (offset === undefined ? null : this.clock.zone)),
      astimezone: method(
        'astimezone',
        () => new DateTime(clockAt(this.micros / 1000 - this.#guessedOffset * 60e3, false)),
      ),
      date: method('date', () => new CalendarDate({ at: dayOf(year, month, day), ...unknown })),
    };
  }

  /** Of a clock whose offset is unknown that of this machine. */
  get #guessedOffset(): number {
    return this.clock.offset === undefined ? localOffset(this.clock.at) : 0;
  }

  /** The moment that many microseconds behind it. */
  later(micros: number): DateTime {
    const total = this.clock.at.getTime() * 1000 + this.clock.microseconds + micros;
    const milliseconds = Math.floor(total / 1e6) * 1000;
    if (Number.isNaN(new Date(milliseconds).getTime())) throw new Fault('the time is out of range');
    return new DateTime({ ...this.clock, at: new Date(milliseconds), microseconds: total - milliseconds * 1000 });
  }

  override get text(): string {
    return this.#iso(' ');
  }

  override get repr(): string {
    const { year, month, day, hour, minute, second, microseconds } = partsOf(this.clock);
    const { offset } = this.clock;
    const rest = microseconds > 0 ? [second, microseconds] : second > 0 ? [second] : [];
    const days = offset !== undefined && offset < 0 ? 'days=-1, ' : '';
    const delta = `datetime.timedelta(${days}seconds=${(((offset ?? 0) + 1440) % 1440) * 60})`;
    const zone = offset === 0 ? 'datetime.timezone.utc' : `datetime.timezone(${delta})`;
    const parts = [year, month + 1, day, hour, minute, ...rest, ...(offset === undefined ? [] : [`tzinfo=${zone}`])];
    return `datetime.datetime(${parts.join(', ')})`;
  }

  #iso(separator: string): string {
    const { microseconds, offset } = this.clock;
    const clock = formatTime(`%H:%M:%S${microseconds > 0 ? '.%f' : ''}`, this.clock);
    return `${dayText(this.clock)}${separator}${clock}${offset === undefined ? '' : colonZone(offset)}`;
  }

  toJSON(): string {
    return this.#iso('T');
  }
}

function secondsOf(value: unknown): number {
  const seconds = numberOf(value);
  if (seconds === undefined) throw new Fault(`fromtimestamp takes seconds, not ${typeName(value)}`);
  return seconds;
}

/** Python's bound of a timedelta. */
const mostDays = 999_999_999;

function halfToEven(value: number): number {
  const rounded = Math.round(value);
  return (Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded) + 0;
}

/** Python's timedelta: the time between two moments. */
export class TimeDelta extends MemberHolder {
  readonly title = 'timedelta';
  readonly memberNames = ['days', 'seconds', 'microseconds', 'total_seconds'];
  readonly micros: number;

  constructor(micros: number) {
    super();
    if (!(Math.abs(micros) <= mostDays * dayMs * 1000)) throw new Fault('the time is out of range');
    this.micros = halfToEven(micros);
  }

  get #days(): number {
    return Math.floor(this.micros / (dayMs * 1000));
  }

  get #rest(): number {
    return this.micros - this.#days * dayMs * 1000;
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
    return name === 'total_seconds' ? new Callable(name, () => Float.of(this.micros / 1e6)) : undefined;
  }
}
