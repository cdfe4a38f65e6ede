import type { FileState } from '../../../linux/host.ts';

/** What a task asks of one of a file's times: a moment in milliseconds, that of the change, or what it is. */
type Time = number | 'now' | 'preserve';

/** Of the module file. */
interface TimeParams {
  readonly state?: string | undefined;
  readonly modification_time?: string | undefined;
  readonly modification_time_format: string;
  readonly access_time?: string | undefined;
  readonly access_time_format: string;
}

interface Times {
  readonly access: Time;
  readonly modification: Time;
}

const parts: Readonly<Record<string, string>> = {
  Y: '\\d{4}',
  m: '\\d\\d?',
  d: '\\d\\d?',
  H: '\\d\\d?',
  M: '\\d\\d?',
  S: '\\d\\d?',
};

/** Milliseconds of a text by a format of strftime's %Y, %m, %d, %H, %M and %S, on the host's clock. */
export function momentOf(text: string, format: string): number | undefined {
  const pattern = format
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replace(/%([a-zA-Z%])/g, (all, name: string) =>
      name === '%' ? '%' : `(?<${name}>${parts[name] ?? `(?!)${all}`})`,
    );
  try {
    const found = new RegExp(`^${pattern}$`).exec(text)?.groups;
    if (!found) return undefined;
    const part = (name: string, otherwise: number) => Number(found[name] ?? otherwise);
    const [month, day] = [part('m', 1), part('d', 1)];
    const date = new Date(part('Y', 1900), month - 1, day, part('H', 0), part('M', 0), part('S', 0));
    return date.getMonth() === month - 1 && date.getDate() === day ? date.getTime() : undefined;
  } catch {
    // A name that stands twice in the format.
    return undefined;
  }
}

/** What the task asks of the times of a file; touch gives the time of now where it says nothing. */
function wantedTimes(params: TimeParams): Times {
  const otherwise = params.state === 'touch' ? 'now' : 'preserve';
  const time = (said: string = otherwise, format: string): Time =>
    said === 'now' || said === 'preserve' ? said : (momentOf(said, format) ?? 'preserve');
  return {
    access: time(params.access_time, params.access_time_format),
    modification: time(params.modification_time, params.modification_time_format),
  };
}

/** Whether the task gives a file that is there the time of now. */
export function touches(params: TimeParams): boolean {
  return Object.values(wantedTimes(params)).includes('now');
}

const same = (wanted: Time, present: number | undefined): boolean =>
  wanted === 'preserve' || (wanted !== 'now' && Math.abs(wanted - (present ?? Number.NaN)) < 1);

/** The times of a file that are to be set; undefined where it has them. */
export function timesToSet(
  params: TimeParams,
  state: FileState | undefined,
): { atime?: number | 'now'; mtime?: number | 'now' } | undefined {
  const { access, modification } = wantedTimes(params);
  if (same(access, state?.atimeMs) && same(modification, state?.mtimeMs)) return undefined;
  return {
    ...(access === 'preserve' ? {} : { atime: access }),
    ...(modification === 'preserve' ? {} : { mtime: modification }),
  };
}
