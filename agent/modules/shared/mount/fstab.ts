import { bare, ended } from '../files/edit.ts';

/** One line of fstab(5), with its fields as people write them. */
export interface FstabEntry {
  readonly src: string;
  /** The mount point; "none" or "swap" for swap areas. */
  readonly path: string;
  readonly fstype: string;
  readonly opts: string;
  readonly dump: string;
  readonly passno: string;
}

/** Fields of fstab and /proc/mounts have blanks and backslashes as three octal digits. */
export function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** As unescaped() reads it; the ampersand too, as Ansible writes it, and what would begin a comment. */
function escaped(field: string): string {
  return field.replace(/[\\ \t&]|^#/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

/** The entry of a line, and the comment behind it; undefined for what is none. */
function parseLine(line: string): { entry: FstabEntry; comment: string } | undefined {
  const [, text = '', comment = ''] = /^([^\n]*?)((?:(?<=\s)|^)#[^\n]*)?\n?$/.exec(line) ?? [];
  const fields = text.trim().split(/[ \t]+/);
  if (fields.length < 3 || fields.length > 6) return undefined;
  const [src = '', path = '', fstype = '', opts = 'defaults', dump = '0', passno = '0'] = fields.map(unescaped);
  return { entry: { src, path, fstype, opts, dump, passno }, comment };
}

/** Entries are about the same when they have one mount point; of swap areas, which have none, one device. */
function isAbout(entry: FstabEntry, path: string, src: string | undefined): boolean {
  if (entry.path !== path) return false;
  return entry.path !== 'none' || entry.fstype !== 'swap' || src === undefined || entry.src === src;
}

/** The entry that counts for a mount point, which of several is the last one; `src`: of swap areas, which device. */
export function entryFor(lines: readonly string[], path: string, src: string | undefined): FstabEntry | undefined {
  return lines.flatMap((line) => parseLine(line)?.entry ?? []).findLast((entry) => isAbout(entry, path, src));
}

/** The lines with this entry in place of those about the same, or at the end; all others stay as they are. */
export function withEntry(lines: readonly string[], wanted: FstabEntry): readonly string[] {
  const { src, path, fstype, opts, dump, passno } = wanted;
  const text = [src, path, fstype, opts, dump, passno].map(escaped).join(' ');
  let found = false;
  const changed = lines.map((line) => {
    const present = parseLine(line);
    if (present === undefined || !isAbout(present.entry, path, src)) return line;
    found = true;
    if (sameEntry(present.entry, wanted)) return line;
    return `${text}${present.comment === '' ? '' : ` ${bare(present.comment)}`}\n`;
  });
  return found ? changed : [...changed.map(ended), `${text}\n`];
}

/** The lines without entries for a mount point; `src`: of swap areas, which device. */
export function withoutEntry(lines: readonly string[], path: string, src: string | undefined): readonly string[] {
  return lines.filter((line) => {
    const present = parseLine(line);
    return present === undefined || !isAbout(present.entry, path, src);
  });
}

function sameEntry(one: FstabEntry, other: FstabEntry): boolean {
  return (Object.keys(other) as (keyof FstabEntry)[]).every((field) => one[field] === other[field]);
}
