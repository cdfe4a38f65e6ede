import { ended, linesOf } from './edit.ts';

interface Wanted {
  readonly option: string;
  readonly values: readonly string[];
}

/** One option's place in a text of sections; names are those of the module ini_file. */
export interface IniEdit {
  readonly state: 'present' | 'absent';
  readonly section?: string | undefined;
  /** What the section has; one that is added gets it. */
  readonly required?: readonly Wanted[];
  readonly option?: string | undefined;
  readonly values: readonly string[];
  readonly exclusive: boolean;
  readonly no_extra_spaces: boolean;
  /** Blanks before an option. */
  readonly option_prefix_spaces: number;
  readonly allow_no_value: boolean;
  readonly ignore_spaces: boolean;
  readonly modify_inactive_option: boolean;
}

interface Section {
  /** Its own line; undefined: what stands before the first one. */
  readonly head: string | undefined;
  readonly lines: readonly string[];
}

function sectionsOf(text: string): Section[] {
  const sections: { head: string | undefined; lines: string[] }[] = [{ head: undefined, lines: [] }];
  for (const line of linesOf(text)) {
    if (line.startsWith('[')) sections.push({ head: line, lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections;
}

/** Whether it is the section of that name, whatever stands behind its bracket. */
function isNamed({ head }: Section, name: string | undefined): boolean {
  const rest = head?.slice(1).trimStart();
  if (rest === undefined || name === undefined) return rest === name;
  return rest.startsWith(name) && rest.slice(name.length).trimStart().startsWith(']');
}

interface OptionLine {
  readonly value: string | undefined;
  readonly inactive: boolean;
}

/** What a line says of the option; undefined for another line. */
function optionLine(line: string, option: string): OptionLine | undefined {
  const said = line.trim();
  const mark = /^[#;]?/.exec(said)?.[0] ?? '';
  const [head = '', ...values] = said.slice(mark.length).split('=');
  const name = head.trim();
  // The option itself may begin with such a mark.
  if (name !== option && mark + name !== option) return undefined;
  return { value: values.length === 0 ? undefined : values.join('=').trim(), inactive: mark !== '' && name === option };
}

/** Whether a section has an option, with one of the values where some are said. */
function has({ lines }: Section, { option, values }: Wanted): boolean {
  const found = lines.flatMap((line) => optionLine(line, option) ?? []).filter(({ inactive }) => !inactive);
  return found.some(({ value }) => values.length === 0 || values.includes(value ?? ''));
}

function written(
  { option = '', no_extra_spaces, option_prefix_spaces }: Omit<IniEdit, 'values'>,
  value: string | undefined,
): string {
  const start = `${' '.repeat(option_prefix_spaces)}${option}`;
  if (value === undefined) return `${start}\n`;
  return no_extra_spaces ? `${start}=${value}\n` : `${start} = ${value}\n`;
}

/** The lines of a section with the option as it is wished, and what was done. */
function withOption(lines: readonly string[], edit: IniEdit): { lines: readonly string[]; msg: string } {
  // A line that is commented out counts like any other, unless those are to be left alone, or it only names the option.
  const isLeft = ({ inactive, value }: OptionLine) =>
    inactive && (!edit.modify_inactive_option || (value === undefined && edit.values.length > 0));
  const found = lines.map((line) => {
    const one = optionLine(line, edit.option ?? '');
    return one === undefined || isLeft(one) ? undefined : one;
  });
  const kept = [...lines];
  const left = new Set<string | undefined>(edit.values.length === 0 ? [undefined] : edit.values);
  // Those that say what is wished stay where they are; the option alone takes the place of any.
  const free: number[] = [];
  found.forEach((one, at) => {
    if (one === undefined) return;
    const value = edit.values.length === 0 ? undefined : one.value;
    if (!left.delete(value)) free.push(at);
    else if (!edit.ignore_spaces || one.inactive || one.value !== value) {
      kept[at] = written(edit, value);
    }
  });
  const places = edit.exclusive && !edit.allow_no_value ? free : [];
  let msg = kept.some((line, at) => line !== lines[at]) ? 'option changed' : '';
  for (const value of left) {
    const at = places.shift();
    if (at === undefined) {
      const end = kept.findLastIndex((line) => !/^\s*(?:[#;].*)?\n?$/.test(line)) + 1;
      const before = kept[end - 1];
      if (before !== undefined) kept[end - 1] = ended(before);
      kept.splice(end, 0, written(edit, value));
      msg = 'option added';
    } else {
      kept[at] = written(edit, value);
      msg = 'option changed';
    }
  }
  if (places.length === 0) return { lines: kept, msg };
  return { lines: kept.filter((_, at) => !places.includes(at)), msg: msg === '' ? 'option changed' : msg };
}

/** The lines of a section without the option, or without those of its lines that have one of the values. */
function withoutOption(lines: readonly string[], edit: IniEdit): readonly string[] {
  return lines.filter((line) => {
    const one = optionLine(line, edit.option ?? '');
    if (one === undefined || one.inactive) return true;
    return !edit.exclusive && !edit.values.includes(one.value ?? '');
  });
}

/** The text with the option, or without it; `msg` is what was done. */
export function withIni(text: string, edit: IniEdit): { text: string; msg: string } {
  const sections = sectionsOf(text);
  const { required = [] } = edit;
  const at = sections.findIndex(
    (one) => isNamed(one, edit.section?.trim()) && required.every((wanted) => has(one, wanted)),
  );
  const section = sections[at];
  const headOf = ({ head = '', lines }: Section) => (head !== '' && lines.length > 0 ? ended(head) : head);
  const joined = (all: readonly Section[]) => all.flatMap((one) => [headOf(one), ...one.lines]).join('');
  const replaced = (lines: readonly string[]) => joined(sections.with(at, { ...(section ?? empty), lines }));
  if (edit.state === 'absent') {
    if (section === undefined) return { text, msg: 'OK' };
    const rest =
      edit.option === undefined ? joined(sections.toSpliced(at, 1)) : replaced(withoutOption(section.lines, edit));
    if (rest === text) return { text, msg: 'OK' };
    return { text: rest, msg: edit.option === undefined ? 'section removed' : 'option changed' };
  }
  if (section !== undefined) {
    if (edit.option === undefined) return { text, msg: 'OK' };
    const { lines, msg } = withOption(section.lines, edit);
    return msg === '' ? { text, msg: 'OK' } : { text: replaced(lines), msg };
  }
  const last = text === '' ? '' : ended(text);
  return {
    text: `${last}[${edit.section}]\n${newLines(edit, required).join('')}`,
    msg: edit.option === undefined ? 'only section added' : 'section and option added',
  };
}

/** What a section that is added has: what it is known by, and the option with its values before those. */
function newLines(edit: IniEdit, required: readonly Wanted[]): readonly string[] {
  const isOption = ({ option }: Wanted) => option === edit.option;
  const others = required.filter((one) => !isOption(one));
  const lines = others.flatMap(({ option, values }) =>
    (values.length > 0 ? values : [undefined]).map((value) => written({ ...edit, option }, value)),
  );
  if (edit.option === undefined) return lines;
  const more = edit.exclusive ? [] : required.filter(isOption).flatMap(({ values }) => values);
  return withOption(lines, { ...edit, values: [...new Set([...edit.values, ...more])] }).lines;
}

const empty: Section = { head: undefined, lines: [] };
