import { Fault } from '../fault.ts';

type Values = Map<string, string | null>;

export interface IniReading {
  readonly caseSensitive: boolean;
  /** Names may stand without a value: null. */
  readonly bareNames?: boolean;
}

/** Values by section of an INI file, as Python's configparser reads it; a properties file is the section without a name. */
export function iniSections(text: string, { caseSensitive, bareNames = false }: IniReading): Map<string, Values> {
  let [title, section] = ['', new Map() as Values];
  const sections = new Map([[title, section]]);
  let last: string | undefined;
  let indent = 0;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const words = line.trim();
    const isComment = /^[#;]/.test(words);
    const depth = line.search(/\S/);
    // A line goes on where it is indented more than the name was; empty ones in between count.
    if (last !== undefined && !isComment && (words === '' || depth > indent)) {
      const before = section.get(last);
      if (words !== '' || before !== null) section.set(last, `${before ?? ''}\n${words}`);
      continue;
    }
    if (words === '' || isComment) continue;
    indent = depth;
    const at = `[line ${index + 1}]`;
    const next = /^\[(.+)\]/.exec(words)?.[1];
    if (next !== undefined) {
      if (next !== 'DEFAULT' && sections.has(next)) throw new Fault(`${at}: section '${next}' already exists`);
      [title, section, last] = [next, sections.get(next) ?? new Map(), undefined];
      sections.set(title, section);
      continue;
    }
    const end = words.search(/[=:]/);
    const [name, value] = end < 0 ? [words] : [words.slice(0, end).trimEnd(), words.slice(end + 1).trimStart()];
    if (value === undefined && !bareNames) throw new Fault(`Source contains parsing errors: ${at}: '${line}'`);
    last = caseSensitive ? name : name.toLowerCase();
    if (section.has(last))
      throw new Fault(`Duplicate option in section '${title}' ${at}: option '${last}' already exists`);
    section.set(last, value ?? null);
  }
  for (const values of sections.values()) {
    for (const [name, value] of values) values.set(name, value?.trimEnd() ?? null);
  }
  return sections;
}

/** As deep as configparser follows them. */
const deepest = 10;

/** A value with `%(name)s` replaced by the value of that name, and `%%` by `%`. Throws Fault for another `%`. */
export function interpolated(value: string, values: ReadonlyMap<string, string | null>, depth = 1): string {
  return value.replace(/%(?:(%)|\(([^)]+)\)s|)/g, (_, percent?: string, name?: string) => {
    if (percent !== undefined) return '%';
    if (name === undefined) throw new Fault(`'%' must be followed by '%' or '(', found: '${value}'`);
    const other = values.get(name) ?? values.get(name.toLowerCase());
    if (other === undefined || other === null || depth === deepest) {
      throw new Fault(`Bad value substitution: '${name}' in '${value}'`);
    }
    return interpolated(other, values, depth + 1);
  });
}
