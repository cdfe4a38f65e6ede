import { OrchError } from '../../../proto/errors.ts';
import type { ExecResult } from '../../linux/host.ts';
import { fitsGlob } from './glob.ts';

interface Parts {
  readonly name: string;
  readonly version: string | undefined;
  /** The version, or a later one. */
  readonly least: boolean;
}

/** Name and version of what a task calls a package; a version may be a pattern. */
export function parts(wanted: string): Parts {
  const [, name = '', sign, version] = /^([^=/>]*)(>?=|\/)?(.*)$/s.exec(wanted) ?? [];
  return { name, version: sign === undefined || sign === '/' ? undefined : version, least: sign === '>=' };
}

interface Present {
  /** Versions by name. */
  readonly installed: ReadonlyMap<string, string>;
  /** What is there already is brought up to date, too. */
  readonly latest: boolean;
  /** Asks a program of the host. */
  readonly run: (argv: readonly string[]) => Promise<ExecResult>;
}

/**
 * What apt-get is to install of what is wanted: what is not there as it is wanted. Throws OrchError where no version is as late as
 * one must be.
 */
export async function asksFor(wanted: readonly string[], present: Present): Promise<readonly string[]> {
  const asked = await Promise.all(
    wanted.map(async (each) => ((await isThere(each, present)) && !present.latest ? [] : [await told(each, present)])),
  );
  return asked.flat();
}

/** What apt-get is to remove of what is named: what is there in the version that is named with it. */
export async function removable(named: readonly string[], present: Present): Promise<readonly string[]> {
  const found = named.map(async (each): Promise<readonly string[]> => {
    const { name, version } = parts(each);
    if (!/[*?]/.test(name)) return (await isThere(each, present)) ? [name] : [];
    if (version === undefined) return [name];
    const fitting = [...present.installed.keys()].filter((one) => !one.includes(':') && fitsGlob(name, one));
    return removable(
      fitting.map((one) => one + each.slice(name.length)),
      present,
    );
  });
  return (await Promise.all(found)).flat();
}

/** Names, as packages have them in apt's extended_states, that nobody has asked for by themselves. */
export function broughtByOthers(states: string): ReadonlySet<string> {
  const automatic = states.split('\n\n').filter((entry) => /^Auto-Installed: 1$/m.test(entry));
  const field = (entry: string, name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(entry)?.[1] ?? '';
  return new Set(
    automatic.flatMap((entry) => {
      const name = field(entry, 'Package');
      return [name, `${name}:${field(entry, 'Architecture')}`];
    }),
  );
}

async function isThere(wanted: string, { installed, run }: Present): Promise<boolean> {
  const { name, version, least } = parts(wanted);
  // A pattern is apt-get's to look through.
  if (/[*?]/.test(name)) return false;
  const present = installed.get(name);
  if (present === undefined || version === undefined) return present !== undefined;
  if (least) return isLate(present, version, run);
  return fitsGlob(version, present);
}

/** The words for apt-get, which knows no `>=`: it would bring the candidate in any case. */
async function told(wanted: string, { run }: Present): Promise<string> {
  const { name, version, least } = parts(wanted);
  if (!least || version === undefined) return wanted;
  const { stdout } = await run(['apt-cache', 'policy', '--', name]);
  const [, candidate] = /^ *Candidate: ([^\s(]\S*)/m.exec(stdout) ?? [];
  if (candidate !== undefined && (await isLate(candidate, version, run))) return `${name}=${candidate}`;
  const summary =
    stdout === '' ? `No package matching '${name}' is available` : `no available installation candidate for ${wanted}`;
  throw new OrchError({ code: 'task-failed', summary });
}

async function isLate(present: string, version: string, run: Present['run']): Promise<boolean> {
  return (await run(['dpkg', '--compare-versions', present, 'ge', version])).status === 0;
}
