import { Fault } from '../fault.ts';
import { plugin } from '../plugin.ts';
import { asText, printed } from '../python/coerce.ts';
import { truth } from '../python/compare.ts';
import { clockAt, formatTime } from '../python/datetime.ts';
import { parseTime } from '../python/read-time.ts';
import { numberOf } from '../python/values.ts';

/** Seconds since 1970 as milliseconds; now when none are given. */
function moment(seconds: unknown): number {
  if (seconds === undefined || seconds === null) return Date.now();
  const number = numberOf(seconds) ?? Number(printed(seconds));
  if (Number.isNaN(number) || seconds === '') throw new Fault(`Invalid value for epoch value (${printed(seconds)})`);
  return number * 1000;
}

export const timeFilters = {
  strftime: plugin('second?, utc?', (value, [seconds, utc]) => {
    const isUtc = truth(utc ?? false);
    const clock = clockAt(moment(seconds), isUtc);
    // As C calls the zone; and it has no microseconds.
    const format = asText(value, 'format').replace(/%[%f]/g, (code) => (code === '%f' ? '%%f' : code));
    return formatTime(format, isUtc ? { ...clock, zone: 'GMT' } : clock);
  }),
  to_datetime: plugin('format?', (value, [format]) =>
    parseTime(asText(value, 'value'), asText(format ?? '%Y-%m-%d %H:%M:%S', 'format')),
  ),
};
