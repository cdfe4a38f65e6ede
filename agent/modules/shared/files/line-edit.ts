import { expand, findFirst, type Match } from '../../../../proto/regex.ts';
import { asTaskFailure, bare, ended, linesOf } from './edit.ts';

/** One line's place in a text; names are those of the module lineinfile. */
export interface LineEdit {
  readonly line: string;
  readonly regexp?: string | undefined;
  readonly search_string?: string | undefined;
  readonly backrefs: boolean;
  readonly insertafter?: string | undefined;
  readonly insertbefore?: string | undefined;
  readonly firstmatch: boolean;
}

/** The text with the line in it once. */
export function withLine(text: string, edit: LineEdit): { text: string; msg: string } {
  return asTaskFailure(() => {
    const lines = linesOf(text);
    const found = matching(lines, edit);
    const place = found ?? standing(lines, edit);
    if (place !== undefined) {
      const line = ended(edit.backrefs && found?.match ? expand(edit.line, found.match) : edit.line);
      const block = linesOf(line);
      // A line of several lines may have been found by any of them.
      const from = block.map((_, index) => place.at - index);
      if (from.some((at) => block.every((part, index) => lines[at + index] === part))) return { text, msg: '' };
      lines.splice(place.at, found ? 1 : block.length, line);
      return { text: lines.join(''), msg: 'line replaced' };
    }
    if (edit.backrefs) return { text, msg: '' };
    const at = insertion(lines, edit);
    // With firstmatch, the line may stand there already behind the place that was found.
    const block = linesOf(ended(edit.line));
    const beside = edit.insertbefore === undefined ? at : at - block.length;
    if (edit.firstmatch && stands(lines, beside, block)) return { text, msg: '' };
    const before = lines.slice(0, at);
    const closed = before.length === 0 ? before : [...before.slice(0, -1), ended(before.at(-1) ?? '')];
    return { text: [...closed, ended(edit.line), ...lines.slice(at)].join(''), msg: 'line added' };
  });
}

/** The text without the lines that match, and how many those are. */
export function withoutLines(text: string, edit: LineEdit): { text: string; found: number } {
  return asTaskFailure(() => {
    const lines = linesOf(text);
    const left = lines.filter((line) => !(selects(edit) ? matched(line, edit) : bare(line) === edit.line));
    return { text: left.join(''), found: lines.length - left.length };
  });
}

interface Found {
  readonly at: number;
  readonly match?: Match | undefined;
}

function selects({ regexp, search_string }: LineEdit): boolean {
  return regexp !== undefined || search_string !== undefined;
}

function matched(line: string, { regexp, search_string }: LineEdit): Match | boolean {
  if (regexp !== undefined) return search(regexp, line) ?? false;
  return search_string !== undefined && line.includes(search_string);
}

function search(pattern: string, line: string): Match | undefined {
  return findFirst(pattern, line, { ignoreCase: false, multiline: false }, 'search');
}

/** The line that is to be replaced. */
function matching(lines: readonly string[], edit: LineEdit): Found | undefined {
  if (!selects(edit)) return undefined;
  const found = lines.flatMap((line, at): Found[] => {
    const match = matched(line, edit);
    return match === false ? [] : [{ at, match: match === true ? undefined : match }];
  });
  return edit.firstmatch ? found[0] : found.at(-1);
}

/** Whether the lines from `at` on are those of the block. */
function stands(lines: readonly string[], at: number, block: readonly string[]): boolean {
  return block.every((part, index) => {
    const line = lines[at + index];
    return line !== undefined && bare(line) === bare(part);
  });
}

/** The line itself; with firstmatch only before the place where it would be put. */
function standing(lines: readonly string[], edit: LineEdit): Found | undefined {
  const pattern = anchor(edit);
  const end = edit.firstmatch && pattern !== undefined ? lines.findIndex((line) => anchors(line, pattern, edit)) : -1;
  const block = linesOf(ended(edit.line));
  const before = end < 0 ? lines : lines.slice(0, end);
  const at = before.findLastIndex((_, index) => stands(before, index, block));
  return at < 0 ? undefined : { at };
}

/** The pattern of the place for a new line, where there is one. */
function anchor({ insertafter, insertbefore }: LineEdit): string | undefined {
  if (insertbefore === 'BOF' || insertafter === 'BOF' || insertafter === 'EOF') return undefined;
  return insertafter ?? insertbefore;
}

function anchors(line: string, pattern: string, edit: LineEdit): boolean {
  return bare(line) !== edit.line && search(pattern, line) !== undefined;
}

/** How many lines stand before the new one. */
function insertion(lines: readonly string[], edit: LineEdit): number {
  if (edit.insertbefore === 'BOF' || edit.insertafter === 'BOF') return 0;
  const pattern = anchor(edit);
  if (pattern === undefined) return lines.length;
  const isAnchor = (line: string) => anchors(line, pattern, edit);
  const at = edit.firstmatch ? lines.findIndex(isAnchor) : lines.findLastIndex(isAnchor);
  if (at < 0) return lines.length;
  return edit.insertbefore === undefined ? at + 1 : at;
}
