import { compare } from './compare.ts';
import { Fault } from './fault.ts';
import { Tally } from './limits.ts';
import { mapEntries } from './mapping.ts';
import { floatText, str } from './text.ts';
import { defined, isFloat, isList, isMapping, numberOf, typeName } from './values.ts';

interface YamlLayout {
  readonly indent: number;
  readonly flow: boolean | undefined;
  readonly sortKeys: boolean;
}

/** What YAML 1.1 would read as something else than text. */
const notText =
  /^(?:yes|no|on|off|true|false|null|~|=|<<|[-+]?(?:0b[01_]+|0x[\da-f_]+|[\d_]*\.?[\d_]+(?:e[-+]?\d+)?|[\d_]*\.|\.inf|[\d_]+(?::[0-5]?\d)+(?:\.[\d_]*)?)|\.nan|\d{4}-\d\d?-\d\d?(?:[t ].*)?)$/i;
const needsQuotes = /^[-?:](?:\s|$)|^[,[\]{}#&*!|>'"%@`\s]|\s$|:(?:\s|$)|\s#|^(?:---|\.\.\.)|^$/;
const unprintable = /[\p{Cc}\u2028\u2029\ufeff]/u;

function scalar(value: unknown, inFlow: boolean): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean') return String(value);
  const number = numberOf(value);
  if (number !== undefined) {
    if (!isFloat(value)) return str(value);
    // A float of YAML 1.1 has a dot.
    if (Number.isFinite(number)) return floatText(number).replace(/^(-?\d+)e/, '$1.0e');
    return Number.isNaN(number) ? '.nan' : number > 0 ? '.inf' : '-.inf';
  }
  if (typeof value !== 'string') throw new Fault(`a value of type ${typeName(value)} has no YAML form`);
  if (unprintable.test(value)) return JSON.stringify(value);
  if (notText.test(value) || needsQuotes.test(value) || (inFlow && /[,[\]{}?]/.test(value))) {
    return `'${value.replaceAll("'", "''")}'`;
  }
  return value;
}

/** YAML laid out as PyYAML does: the lists of a dict at the dict's own depth, keys sorted, quotes only where needed. */
export function dumpYaml(value: unknown, { indent, flow, sortKeys }: YamlLayout): string {
  if (indent < 2 || indent > 9) throw new Fault("'indent' must be between 2 and 9");
  const tally = new Tally();

  const entriesOf = (map: Parameters<typeof mapEntries>[0]) => {
    const entries = mapEntries(map);
    return sortKeys ? entries.sort(([a], [b]) => compare(a, b)) : entries;
  };
  const isCollection = (item: unknown): boolean => isList(item) || isMapping(item);
  const isFlow = (item: unknown): boolean => {
    const members = isList(item) ? item : isMapping(item) ? mapEntries(item).map(([, member]) => member) : [];
    return members.length === 0 || (flow ?? !members.some(isCollection));
  };
  const line = (item: unknown, depth: number): string => {
    tally.spend(typeof item === 'string' ? item.length : 0);
    if (depth > 100) throw new Fault('the value is nested too deeply for YAML');
    if (isList(item)) return `[${item.map((member) => line(member, depth + 1)).join(', ')}]`;
    if (!isMapping(item)) return scalar(defined(item), depth > 0);
    const pairs = entriesOf(item).map(([key, member]) => `${scalar(key, true)}: ${line(member, depth + 1)}`);
    return `{${pairs.join(', ')}}`;
  };
  /** Lines of a block; the first one's indentation is the caller's to write. */
  const block = (item: unknown, column: number, depth: number): string[] => {
    tally.spend();
    if (depth > 100) throw new Fault('the value is nested too deeply for YAML');
    if (!isCollection(item) || isFlow(item)) return [isCollection(item) ? line(item, 1) : line(item, 0)];
    const pad = ' '.repeat(column);
    if (isList(item)) {
      const dash = `-${' '.repeat(indent - 1)}`;
      return item.flatMap((member) => {
        const [first = '', ...rest] = block(member, column + indent, depth + 1);
        const compact = isCollection(member) && !isFlow(member) ? dash : '- ';
        return [`${pad}${compact}${first.trimStart()}`, ...rest];
      });
    }
    return entriesOf(item as Parameters<typeof mapEntries>[0]).flatMap(([key, member]) => {
      const name = `${pad}${scalar(key, false)}:`;
      if (!isCollection(member) || isFlow(member)) return [`${name} ${block(member, 0, depth + 1).join('')}`];
      return [name, ...block(member, isList(member) ? column : column + indent, depth + 1)];
    });
  };
  return `${block(value, 0, 0).join('\n')}\n`;
}
