import { Fault } from '../fault.ts';

type Values = Map<string, string | null>;

export interface IniReading {
  readonly caseSensitive: boolean;
  /** Names may stand without a value: null. */
  readonly bareNames?: boolean;
}

/** Values by section of an INI file, as Python's configparser reads it; a properties file is the section without a name. */
export function iniSections(text: string, { caseSensitive, bareNames = false }: IniReading): Map<string, Values> {
  const sections = new Map<string, Values>();
  let [title, section] = ['', new Map() as Values];
  let last: string | undefined;
  sections.set(title, section);
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const next = /^\[([^\]]+)\]/.exec(line)?.[1];
    if (next !== undefined) {
      title = next;
      section = sections.get(title) ?? new Map();
      sections.set(title, section);
      last = undefined;
      continue;
    }
    if (/^\s*(?:[#;]|$)/.test(line)) continue;
    if (/^\s/.test(line) && last !== undefined) {
      section.set(last, `${section.get(last) ?? ''}\n${line.trim()}`);
      continue;
    }
    const [, name = '', value] = /^([^=:]*?)\s*(?:[=:]\s*(.*?))?\s*$/.exec(line.trim()) ?? [];
    const at = `[line ${index + 1}]`;
    if (value === undefined && !bareNames) throw new Fault(`Source contains parsing errors: ${at}: '${line}'`);
    last = caseSensitive ? name : name.toLowerCase();
    if (section.has(last))
      throw new Fault(`Duplicate option in section '${title}' ${at}: option '${last}' already exists`);
    section.set(last, value ?? null);
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
