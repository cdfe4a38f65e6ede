import yargs, { type Argv } from 'yargs';
import type { CommandFile } from './command.ts';

/** What yargs knows of options; its types leave it out. */
interface Known {
  getOptions(): {
    /** By each name, those that are aliases too. */
    readonly key: Readonly<Record<string, boolean>>;
    readonly alias: Readonly<Record<string, readonly string[]>>;
  };
}

/** The names of each option. */
function namesOf(options: CommandFile['options']): readonly (readonly string[])[] {
  const { key, alias } = (options(yargs([])) as Argv & Known).getOptions();
  const others = new Set(Object.values(alias).flat());
  return Object.keys(key).flatMap((name) => (others.has(name) ? [] : [[name, ...(alias[name] ?? [])]]));
}

/** The one name that `begun` is the beginning of; `begun` where it is a name itself, or could be of two options or of none. */
function wholeName(begun: string, options: readonly (readonly string[])[]): string {
  if (options.some((names) => names.includes(begun))) return begun;
  const [meant = begun, another] = options.flatMap((names) => names.find((name) => name.startsWith(begun)) ?? []);
  return another === undefined ? meant : begun;
}

/**
 * Words of the command line with each long option whose name is only begun, as in `--syntax`, spelled out, as Python's argparse
 * has it.
 */
export function spellNames(words: readonly string[], options: CommandFile['options']): readonly string[] {
  const end = words.indexOf('--');
  const long = /^--([\w-]+)/;
  if (!words.some((word) => long.test(word))) return words;
  const names = namesOf(options);
  const spell = (word: string) => word.replace(long, (_, begun: string) => `--${wholeName(begun, names)}`);
  return words.map((word, at) => (end < 0 || at < end ? spell(word) : word));
}
