import { resolve } from 'node:path';
import { type FilePlace, OrchError } from '../../proto/errors.ts';
import { findFirst, RegexProblem } from '../../proto/regex.ts';
import { expandedPath } from '../paths.ts';

/** What settings are looked for in. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
}

/** Where a setting's value comes from: an environment variable, or a line of ansible.cfg. */
export interface Said {
  readonly value: string;
  readonly where: FilePlace | undefined;
  /** What it is called there. */
  readonly name: string;
  /** Folder of relative paths. */
  readonly folder: string;
  readonly around: Surroundings;
}

export type Read<T> = (said: Said) => T;

const wrong = ({ value, where, name }: Said, wanted: string): OrchError =>
  new OrchError({ code: 'invalid-option', summary: `${name} must be ${wanted}, not "${value}"`, where });

export const text: Read<string | undefined> = ({ value }) => (value.trim() === '' ? undefined : unquoted(value.trim()));
export const wording: Read<string> = ({ value }) => unquoted(value.trim());
/** Blanks count, but those around a line of a file. */
export const password: Read<string | undefined> = ({ value, where }) => (where ? unquoted(value) : value) || undefined;
export const flag: Read<boolean> = (said) => {
  const word = said.value.trim().toLowerCase();
  if (['y', 'yes', 'true', 'on', '1', 't', '1.0'].includes(word)) return true;
  if (['n', 'no', 'false', 'off', '0', 'f', '0.0', ''].includes(word)) return false;
  throw wrong(said, 'yes or no');
};
/** An empty variable of the environment says nothing. */
export const whole: Read<number | undefined> = (said) => {
  const digits = said.value.trim();
  if (/^\d+$/.test(digits)) return Number(digits);
  if (digits === '' && said.where === undefined) return undefined;
  throw wrong(said, 'a whole number');
};
export const words: Read<readonly string[]> = ({ value }) => value.split(',').flatMap((word) => word.trim() || []);
/** An empty one is a tag that no task has, as that of `--tags ""`. */
export const tags: Read<readonly string[]> = ({ value }) => value.split(',').map((tag) => tag.trim());
export const patterns: Read<readonly string[]> = (said) => {
  const found = words(said);
  try {
    for (const pattern of found) findFirst(pattern, '', { ignoreCase: false, multiline: false }, 'search');
  } catch (error) {
    if (!(error instanceof RegexProblem)) throw error;
    throw wrong(said, 'a list of regular expressions');
  }
  return found;
};
export const path: Read<string | undefined> = (said) => text(said) && resolved(unquoted(said.value.trim()), said);
export const paths =
  (separator: string): Read<readonly string[]> =>
  (said) =>
    said.value.split(separator).flatMap((one) => (one.trim() === '' ? [] : [resolved(one.trim(), said)]));
export const choice =
  <const T extends string>(...choices: readonly T[]): Read<T> =>
  (said) => {
    const found = choices.find((one) => one === said.value.trim().toLowerCase());
    if (found !== undefined) return found;
    throw wrong(said, `one of ${choices.join(', ')}`);
  };

/** What prints a run; others than these are not known here. */
export const callbackOf = (value: string): string =>
  value.trim().replace(/^(?:ansible\.(?:builtin|posix)|community\.general)\./, '');
export const callback: Read<string> = ({ value }) => callbackOf(value);

/** What tells of a run beside what prints it. */
export const callbackNames = ['junit', 'profile_roles', 'profile_tasks', 'timer', 'tree'] as const;
export type CallbackName = (typeof callbackNames)[number];
const isCallbackName = (name: string): name is CallbackName => callbackNames.some((known) => known === name);
export const callbacks: Read<readonly CallbackName[]> = (said) => [
  ...new Set(words(said).map(callbackOf).filter(isCallbackName)),
];

/** What keeps facts from run to run. */
export const cacheOf = (value: string): string => value.trim().replace(/^ansible\.builtin\./, '');
export const cachePlugin: Read<string> = ({ value }) => cacheOf(value);

function unquoted(value: string): string {
  return /^(["']).*\1$/s.test(value) ? value.slice(1, -1) : value;
}

/** A path with `~`, `$NAME` and Ansible's `{{CWD}}` replaced, and taken from the folder of what says it. */
export function resolved(written: string, { folder, around }: Pick<Said, 'folder' | 'around'>): string {
  const { env, cwd, home } = around;
  return resolve(folder, expandedPath(written.replaceAll('{{CWD}}', cwd), env, home));
}
