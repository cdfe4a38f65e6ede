/** A line of the table that dnf shows before it changes something. */
export interface Row {
  readonly section: string;
  readonly name: string;
  readonly arch: string;
  readonly full: string;
}

/**
 * The rows of dnf's table: under "Installing:", "Removing dependent packages:" and the like, one package a line, whose
 * name has a line of its own where it is long.
 */
export function tableRows(text: string): readonly Row[] {
  const rows: Row[] = [];
  let section: string | undefined;
  let begun: readonly string[] = [];
  for (const line of text.split('\n')) {
    const title = /^((?:Install|Upgrad|Downgrad|Reinstall|Remov)ing\b.*):$/.exec(line)?.[1];
    if (title !== undefined || !line.startsWith(' ')) {
      section = title;
      begun = [];
      continue;
    }
    if (section === undefined) continue;
    const cells: readonly string[] = [...begun, ...line.trim().split(/\s+/)];
    // dnf5 names below a package the one that goes for it.
    if (cells[0] === 'replacing') continue;
    begun = cells.length === 1 ? cells : [];
    const [name = '', arch = '', version = ''] = cells;
    if (version !== '') rows.push({ section, name, arch, full: `${name}-${version.replace(/^0:/, '')}.${arch}` });
  }
  return rows;
}
