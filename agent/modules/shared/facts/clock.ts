import { OrchError } from '../../../../proto/errors.ts';
import type { Host } from '../../../linux/host.ts';
import type { Facts } from './read.ts';

const two = (value: number) => String(value).padStart(2, '0');

/** The short names that the time zone has in winter and in summer ("CET", "CEST"), and now. */
async function zoneNames(host: Host, now: Date): Promise<readonly string[]> {
  const seconds = [now, new Date(now.getFullYear(), 0, 1), new Date(now.getFullYear(), 6, 1)].map((time) =>
    Math.floor(time.getTime() / 1000),
  );
  try {
    const stdin = seconds.map((second) => `@${second}\n`).join('');
    const { stdout } = await host.exec({ argv: ['date', '-f', '-', '+%Z'], stdin }, { onlyReads: true });
    return stdout.trim().split('\n');
  } catch (error) {
    if (error instanceof OrchError) return [];
    throw error;
  }
}

/** The week of the year whose weeks begin on Mondays; days before the first one are in week 0. */
function weekOf(now: Date): number {
  const day = Math.round(
    (Date.UTC(now.getFullYear(), now.getMonth(), now.getDate()) - Date.UTC(now.getFullYear(), 0, 1)) / 86_400_000,
  );
  return Math.floor((day + 7 - ((now.getDay() + 6) % 7)) / 7);
}

/** ansible_date_time, in the host's time zone. */
export async function timeFacts(host: Host, now: Date): Promise<Facts> {
  const [zone, winter, summer] = await zoneNames(host, now);
  const date = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
  const basic = `${date.replaceAll('-', '')}T${time.replaceAll(':', '')}`;
  const offset = -now.getTimezoneOffset();
  const clock = Math.abs(offset);
  const utc = now.toISOString();
  const epoch = String(Math.floor(now.getTime() / 1000));
  const isNorth =
    new Date(now.getFullYear(), 6, 1).getTimezoneOffset() < new Date(now.getFullYear(), 0, 1).getTimezoneOffset();
  return {
    ...{ date, time, year: String(now.getFullYear()), month: two(now.getMonth() + 1), day: two(now.getDate()) },
    ...{ hour: two(now.getHours()), minute: two(now.getMinutes()), second: two(now.getSeconds()) },
    weekday: now.toLocaleDateString('en-US', { weekday: 'long' }),
    weekday_number: String(now.getDay()),
    weeknumber: two(weekOf(now)),
    ...{ epoch, epoch_int: epoch },
    iso8601: `${utc.slice(0, 19)}Z`,
    iso8601_micro: `${utc.slice(0, 23)}000Z`,
    iso8601_basic: `${basic}${utc.slice(20, 23)}000`,
    iso8601_basic_short: basic,
    tz: zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    tz_dst: (isNorth ? summer : winter) ?? zone,
    tz_offset: `${offset < 0 ? '-' : '+'}${two(Math.floor(clock / 60))}${two(clock % 60)}`,
  };
}
