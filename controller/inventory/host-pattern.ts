import { splitColons } from '../playbook/parse/host-terms.ts';

/** One part of a pattern such as `web:&lab:!vm09`. */
export interface PatternTerm {
  /** Union, intersection or exclusion. */
  readonly kind: 'add' | 'keep' | 'drop';
  /** Without the sign and the subscript. */
  readonly name: string;
  /** `group[0]`, `group[0:2]` (both ends included), `group[-1]`. */
  readonly slice: { readonly from: number; readonly to: number | undefined; readonly isPlace: boolean } | undefined;
  /** With the subscript, where that may also be letters to choose from: `vm0[1-3]`. */
  readonly glob: string | undefined;
  /** Offset of the term in the pattern. */
  readonly at: number;
}

/** With `-`, which Ansible once had between them, too. */
const subscript = /^(.+)\[(?:(-?\d+)|(\d+)([:-])(\d*))\]$/;

/** The terms of a pattern, as they are written. */
export function splitTerms(pattern: string): { text: string; at: number }[] {
  let at = 0;
  const parts = pattern.split(',').map((text) => {
    const part = { text, at };
    at += text.length + 1;
    return part;
  });
  // With a comma anywhere, colons don't separate.
  return parts.length > 1 ? parts : splitColons(pattern);
}

function parseTerm(text: string, at: number): PatternTerm {
  const kind = text.startsWith('!') ? 'drop' : text.startsWith('&') ? 'keep' : 'add';
  const name = kind === 'add' ? text : text.slice(1);
  const match = name.startsWith('~') ? null : subscript.exec(name);
  if (!match) return { kind, name, slice: undefined, glob: undefined, at };
  const [, group = '', index, from, between, to] = match;
  const slice =
    index === undefined
      ? { from: Number(from || 0), to: to ? Number(to) : undefined, isPlace: false }
      : { from: Number(index), to: Number(index), isPlace: true };
  return { kind, name: group, slice, glob: between === '-' ? name : undefined, at };
}

/** Splits a pattern of hosts, unless one is called as it is: terms between commas, or between colons and blanks. */
export function parsePattern(pattern: string, isHost: (name: string) => boolean): PatternTerm[] {
  const whole = pattern.trim();
  // Programs call hosts as they like.
  if (isHost(whole))
    return [{ kind: 'add', name: whole, slice: undefined, glob: undefined, at: pattern.indexOf(whole) }];
  return splitTerms(pattern).flatMap(({ text, at }) => {
    const trimmed = text.trim();
    return trimmed === '' ? [] : [parseTerm(trimmed, at + text.indexOf(trimmed))];
  });
}
