/** One repository's section in a file of yum.repos.d: values by option, several in lines of their own or with blanks between. */
export type RepoOptions = ReadonlyMap<string, string>;

interface Part {
  /** Undefined: what stands before the first section. */
  readonly name: string | undefined;
  readonly lines: readonly string[];
}

function partsOf(text: string): readonly Part[] {
  const parts: { name: string | undefined; lines: string[] }[] = [{ name: undefined, lines: [] }];
  for (const line of text.split('\n')) {
    const name = /^\[(.*)\]\s*$/.exec(line)?.[1];
    if (name !== undefined) parts.push({ name, lines: [] });
    parts.at(-1)?.lines.push(line);
  }
  return parts;
}

/** A section's options; lines that begin with blanks go on with the value before. */
function optionsOf({ lines }: Part): RepoOptions {
  const found = new Map<string, string>();
  let last: string | undefined;
  for (const line of lines.slice(1)) {
    if (line.trim() === '' || /^[#;]/.test(line)) continue;
    const more = /^\s+(\S.*)$/.exec(line)?.[1];
    if (more !== undefined && last !== undefined) found.set(last, `${found.get(last)}\n${more.trim()}`);
    const [, name, value = ''] = /^([^\s=:][^=:]*?)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    if (more !== undefined || name === undefined) continue;
    last = name;
    found.set(name, value.trim());
  }
  return found;
}

function linesOf(name: string, options: RepoOptions): readonly string[] {
  const sorted = [...options].sort(([a], [b]) => (a < b ? -1 : 1));
  return [`[${name}]`, ...sorted.map(([option, value]) => `${option} = ${value.replaceAll('\n', '\n\t')}`), ''];
}

function same(a: RepoOptions, b: RepoOptions): boolean {
  return a.size === b.size && [...a].every(([name, value]) => b.get(name) === value);
}

/** The text with a section that has these options and no others; other sections and their comments stay as they are. */
export function withRepo(text: string, name: string, options: RepoOptions): string {
  const parts = partsOf(text);
  const at = parts.findIndex((part) => part.name === name);
  const part = parts[at];
  if (part !== undefined && same(optionsOf(part), options)) return text;
  const wanted = { name, lines: linesOf(name, options) };
  if (part !== undefined) return joined(parts.with(at, wanted));
  const before = text === '' || text.endsWith('\n\n') ? text : `${text.replace(/\n?$/, '\n')}\n`;
  return `${before}${wanted.lines.join('\n')}\n`;
}

/** The text without the section; undefined where no section is left in it. */
export function withoutRepo(text: string, name: string): string | undefined {
  const parts = partsOf(text);
  const rest = parts.filter((part) => part.name !== name);
  if (rest.length === parts.length) return text;
  return rest.some((part) => part.name !== undefined) ? joined(rest) : undefined;
}

/** With an empty line at the end, as programs that keep such files write them. */
function joined(parts: readonly Part[]): string {
  const [first, ...others] = parts;
  const before = first === undefined || first.lines.length === 0 ? [] : [first.lines.join('\n')];
  return `${[...before, ...others.map(({ lines }) => lines.join('\n'))].join('\n').replace(/\n*$/, '')}\n\n`;
}
