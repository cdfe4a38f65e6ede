import yargs, { type Argv } from 'yargs';
import { plainWord } from './plain-words.ts';

/** What yargs knows of options; its types leave it out. */
interface Known {
  getOptions(): {
    /** By each name, those that are aliases too. */
    readonly key: Readonly<Record<string, boolean>>;
    readonly alias: Readonly<Record<string, readonly string[]>>;
    readonly boolean: readonly string[];
    readonly count: readonly string[];
    readonly array: readonly string[];
  };
  getGroups(): Readonly<Record<string, readonly string[]>>;
}

/** A word of the command line. */
interface Read {
  /** As yargs is to have it. */
  readonly words: readonly string[];
  /** It is an option whose value is the next word. */
  readonly wants: boolean;
}

/** The options of one command, read as Python's argparse does, since that is what people who know Ansible write for. */
export class CommandLine {
  /** The names of each option. */
  private readonly options: readonly (readonly string[])[];
  private readonly flags: ReadonlySet<string>;
  /** Names, as yargs has them, of options that have one value. */
  private readonly single: ReadonlySet<string>;
  private readonly refuse: (summary: string) => never;

  /** `refuse` ends the command, or throws. */
  constructor(options: (yargs: Argv) => Argv, refuse: (summary: string) => never) {
    this.refuse = refuse;
    const known = options(yargs([])) as Argv & Known;
    const { key, alias, boolean, count, array } = known.getOptions();
    const others = new Set([...Object.values(alias).flat(), ...(known.getGroups()['Positionals:'] ?? [])]);
    const own = Object.keys(key).filter((name) => !others.has(name));
    this.options = own.map((name) => [name, ...(alias[name] ?? [])]);
    this.flags = new Set([...boolean, ...count].flatMap((name) => [name, ...(alias[name] ?? [])]));
    // Of several labs none may be left out: who reads them refuses that.
    const lists = new Set(['lab', ...array]);
    const single = this.options.filter((names) => !names.some((name) => lists.has(name))).flat();
    this.single = new Set(
      single.flatMap((name) => [name, name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase())]),
    );
  }

  /** The one name that `begun` is the beginning of; `begun` where it is a name itself, or could be of two options or of none. */
  wholeName(begun: string): string {
    if (this.isName(begun)) return begun;
    const [meant = begun, another] = this.options.flatMap(
      (names) => names.find((name) => name.startsWith(begun)) ?? [],
    );
    return another === undefined ? meant : begun;
  }

  /**
   * The words with each option whose name is only begun spelled out, and with values where yargs takes them for nothing else:
   * `-uroot` is `-u=root`, which would be a row of flags, and `--args '-v x'` is `--args='-v x'`. Refuses an option that has no value
   * and takes one: `--limit $NOBODY` must not mean all hosts.
   */
  spellOut(words: readonly string[]): readonly string[] {
    const end = words.indexOf('--');
    const spelled: string[] = [];
    let wanting: string | undefined;
    for (const word of end < 0 ? words : words.slice(0, end)) {
      if (wanting === undefined) {
        const read = this.read(word);
        spelled.push(...read.words);
        if (read.wants) [wanting] = read.words;
        continue;
      }
      if (!this.isValue(word)) break;
      if (word.startsWith('-') && word !== '-') spelled[spelled.length - 1] = `${wanting}=${word}`;
      else spelled.push(word);
      wanting = undefined;
    }
    if (wanting !== undefined) this.refuse(`${wanting} takes a value, and was given none`);
    return end < 0 ? spelled : [...spelled, ...words.slice(end)];
  }

  /** What yargs read, with the last value of each option that has one and was given several. */
  lastGiven(read: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const last = (name: string, value: unknown) =>
      Array.isArray(value) && this.single.has(name) ? value.at(-1) : value;
    return Object.fromEntries(Object.entries(read).map(([name, value]) => [name, last(name, value)]));
  }

  /** Reads a word that is no option's value. Refuses a flag that is given one: yargs would take `--check=yes` for `--no-check`. */
  read(word: string): Read {
    const [, begun, value] = /^--([\w-]+)(=.*)?$/s.exec(word) ?? [];
    if (begun !== undefined) {
      const name = this.wholeName(begun);
      if (this.flags.has(name)) this.refuseValue(`--${name}`, value);
      if (value === '=') return { words: [`--${name}`, ''], wants: false };
      return { words: [`--${name}${value ?? ''}`], wants: value === undefined && this.takesValue(name) };
    }
    const [, letters = ''] = /^-(?!-)(.+)$/s.exec(word) ?? [];
    const at = [...letters].findIndex((letter) => !this.flags.has(letter));
    const letter = letters[at];
    if (letter === '=' && at > 0) this.refuseValue(`-${letters.slice(0, at)}`, letters.slice(at));
    if (letter === undefined || !this.takesValue(letter)) {
      return { words: [this.isValue(word) && /\s/.test(word) ? plainWord(word) : word], wants: false };
    }
    const [option, rest] = [`-${letters.slice(0, at + 1)}`, letters.slice(at + 1)];
    if (rest === '') return { words: [word], wants: true };
    return { words: rest === '=' ? [option, ''] : [`${option}=${rest.replace(/^=/, '')}`], wants: false };
  }

  private refuseValue(flag: string, value: string | undefined): void {
    if (value !== undefined && value !== '=true' && value !== '=false') this.refuse(`${flag} takes no value`);
  }

  /** What begins with a dash is one where it is a number, or holds a blank and is no option with its own value. */
  private isValue(word: string): boolean {
    if (!word.startsWith('-') || /^-(\.?\d|$)/.test(word)) return true;
    const [, begun] = /^--([\w-]+)=/.exec(word) ?? [];
    return /\s/.test(word) && (begun === undefined || !this.isName(this.wholeName(begun)));
  }

  private isName(name: string): boolean {
    return this.options.some((names) => names.includes(name));
  }

  private takesValue(name: string): boolean {
    return this.isName(name) && !this.flags.has(name);
  }
}
