import { bare, ended, linesOf } from './edit.ts';

/** What interfaces(5) lets stand several times in one stanza. */
const commands = ['pre-up', 'up', 'down', 'post-up'];

/** Lines that begin something else than an interface's options. */
const others = /^(?:auto|allow-\S+|no-auto-down|no-scripts|source|source-directory|rename|template|mapping)(?:\s|$)/;

interface Option {
  readonly name: string;
  readonly value: string;
  /** Its line. */
  readonly at: number;
}

/** `iface NAME FAMILY METHOD`, with its options. */
interface Stanza {
  readonly name: string;
  readonly family: string;
  readonly method: string;
  readonly at: number;
  readonly options: Option[];
}

/** What is to be so of one option, or of the method, of an interface. */
export interface InterfaceOption {
  readonly iface: string;
  readonly family: string | undefined;
  readonly option: string;
  readonly value: string | undefined;
  readonly state: 'present' | 'absent';
}

function stanzasOf(lines: readonly string[]): readonly Stanza[] {
  const found: Stanza[] = [];
  let current: Stanza | undefined;
  for (const [at, line] of lines.entries()) {
    const text = line.trim();
    const [, name, family = '', method = ''] = /^iface\s+(\S+)(?:\s+(\S+))?(?:\s+(\S+))?/.exec(text) ?? [];
    if (name !== undefined) {
      current = { name, family, method, at, options: [] };
      found.push(current);
    } else if (others.test(text)) current = undefined;
    else if (text !== '' && !text.startsWith('#')) {
      const [, option = '', value = ''] = /^(\S+)\s*(.*)$/.exec(text) ?? [];
      current?.options.push({ name: option, value, at });
    }
  }
  return found;
}

/** The interfaces of a file by name, as Ansible tells them; of several stanzas the last one. */
export function interfacesIn(text: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    stanzasOf(linesOf(text)).map(({ name, family, method, options }) => {
      const told: Record<string, unknown> = { address_family: family, method };
      for (const command of commands) told[command] = [];
      for (const option of options) {
        const list = told[option.name];
        if (Array.isArray(list)) list.push(option.value);
        else told[option.name] = option.value;
      }
      return [name, told];
    }),
  );
}

/** The text with the option as it should be; undefined: there is no such interface. */
export function withInterfaceOption(text: string, wanted: InterfaceOption): string | undefined {
  const lines = linesOf(text);
  const isAbout = ({ name, family }: Stanza) =>
    name === wanted.iface && (wanted.family === undefined || family === wanted.family);
  const stanzas = stanzasOf(lines).filter(isAbout);
  const last = stanzas.at(-1);
  if (last === undefined) return undefined;
  if (wanted.option === 'method') return wanted.state === 'absent' ? text : withMethod(lines, stanzas, wanted.value);
  const isCommand = commands.includes(wanted.option);
  const present = stanzas.flatMap(({ options }) => options.filter(({ name }) => name === wanted.option));
  const same = present.filter(({ value }) => value === wanted.value);
  if (wanted.state === 'absent') {
    const gone = new Set((isCommand && wanted.value !== undefined ? same : present).map(({ at }) => at));
    return lines.filter((_, at) => !gone.has(at)).join('');
  }
  const line = `${wanted.option} ${wanted.value}`;
  const known = present.at(-1);
  if (known === undefined || isCommand) return same.length > 0 ? text : withLine(lines, last, known, line);
  if (known.value === wanted.value) return text;
  return lines.map((each, at) => (at === known.at ? `${indentOf(each)}${line}${endOf(each)}` : each)).join('');
}

function withMethod(lines: readonly string[], stanzas: readonly Stanza[], method = ''): string {
  const changed = new Map(stanzas.map(({ at, name, family }) => [at, `iface ${name} ${family} ${method}`]));
  return lines
    .map((line, at) => {
      const text = changed.get(at);
      return text === undefined || text === line.trim() ? line : `${indentOf(line)}${text}${endOf(line)}`;
    })
    .join('');
}

/** One line more: behind the last of its name, else behind the stanza's last one, and as far from the margin. */
function withLine(lines: readonly string[], stanza: Stanza, known: Option | undefined, text: string): string {
  const before = known ?? stanza.options.at(-1);
  const indent = before === undefined ? '    ' : indentOf(lines[before.at] ?? '');
  const at = before?.at ?? stanza.at;
  const line = `${indent}${text}\n`;
  return lines.flatMap((each, index) => (index === at ? [ended(each), line] : each)).join('');
}

function indentOf(line: string): string {
  return /^\s*/.exec(bare(line))?.[0] ?? '';
}

function endOf(line: string): string {
  return line.slice(bare(line).length);
}
