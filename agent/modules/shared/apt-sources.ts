/** A line of sources.list(5) that names a source, whether it counts or is a comment. */
interface SourceLine {
  readonly enabled: boolean;
  /** With single blanks, without what stands behind a #. */
  readonly source: string;
}

/** Undefined for what names no source. */
export function parseSource(line: string): SourceLine | undefined {
  const [, off, words = ''] = /^\s*(#?)\s*(deb(?:-src)?\s[^#]*)/.exec(line) ?? [];
  const source = words.trim().replace(/\s+/g, ' ');
  const [, rest] = /^deb(?:-src)? (?:\[[^\]]*\] )?(\S+.*)$/.exec(source) ?? [];
  return rest === undefined ? undefined : { enabled: off === '', source };
}

/** The name of its own file: "deb https://a.lab/debian stable main" goes to a_lab_debian.list. */
export function sourceFileName(source: string): string {
  const uri = source.replace(/^deb(-src)? (\[[^\]]*\] )?/, '').split(' ')[0] ?? '';
  const plain = uri.replace(/^\w+:\/\//, '').replace(/^[^/@]*@/, '');
  return `${plain
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .join('_')}.list`;
}

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Files that are to change, with their new texts; `target` takes a source that is nowhere. */
export function withSource(files: readonly SourceFile[], source: string, target: string): readonly SourceFile[] {
  const found = files.flatMap(({ text }) => text.split('\n').map(parseSource)).filter((one) => one?.source === source);
  if (found.some((one) => one?.enabled)) return [];
  if (found.length > 0)
    return changedLines(files, (line) => (parseSource(line)?.source === source ? [source] : [line]));
  const text = files.find(({ path }) => path === target)?.text ?? '';
  return [{ path: target, text: `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${source}\n` }];
}

/** The same without the source; a comment that names it stays. */
export function withoutSource(files: readonly SourceFile[], source: string): readonly SourceFile[] {
  return changedLines(files, (line) => {
    const found = parseSource(line);
    return found?.enabled && found.source === source ? [] : [line];
  });
}

function changedLines(files: readonly SourceFile[], change: (line: string) => readonly string[]): SourceFile[] {
  return files.flatMap(({ path, text }) => {
    const after = text.split('\n').flatMap(change).join('\n');
    return after === text ? [] : [{ path, text: after }];
  });
}
