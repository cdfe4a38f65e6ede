import { createContext, Script } from 'node:vm';

/** What is wrong with a pattern, a replacement, or the text they are for. */
export class RegexProblem extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

export interface RegexFlags {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
}

export interface Match {
  readonly index: number;
  readonly text: string;
  /** Groups from 1; undefined for one that took no part. */
  readonly groups: readonly (string | undefined)[];
  readonly named: Readonly<Record<string, string | undefined>>;
}

const maximalPattern = 4096;
const maximalInput = 1024 * 1024;
const deadlineMs = 1000;

const watched: { work?: () => Match[] } = {};
const script = new Script('work()');

const cache = new Map<string, RegExp>();

/** Where a word starts and ends, in letters of any script: JavaScript's \b knows those of ASCII only. */
const wordStart = '(?<![\\p{L}\\p{N}_])(?=[\\p{L}\\p{N}_])';
const wordEnd = '(?<=[\\p{L}\\p{N}_])(?![\\p{L}\\p{N}_])';

/** Flags that a pattern begins with. */
const inlineFlags = /^\(\?([aiLmsux]+)\)/;

/** A pattern of (?x) without the blanks and comments that mean nothing there. */
function withoutBlanks(pattern: string): string {
  const parts = /\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|\s+|#.*/g;
  return pattern.replace(parts, (part) => (/^[\s#]/.test(part) ? '' : part));
}

/** Python's syntax in JavaScript's: named groups, anchors, inline flags; the rest is the same in both. */
function translate(pattern: string, { ignoreCase, multiline }: RegexFlags): { source: string; flags: string } {
  const flags = new Set(['g', ...(ignoreCase ? ['i'] : []), ...(multiline ? ['m'] : [])]);
  const [inline = '', letters = ''] = inlineFlags.exec(pattern) ?? [];
  for (const letter of letters) if ('ims'.includes(letter)) flags.add(letter);
  const behind = pattern.slice(inline.length);
  const body = letters.includes('x') ? withoutBlanks(behind) : behind;
  let inClass = false;
  const source = body.replace(
    /\\[\s\S]|\(\?P<|\(\?P=(\w+)\)|\(\?#[^)]*\)|\{,(?=\d+\})|\[\^?\]?|[\]$]/g,
    (token, reference?: string) => {
      if (inClass) {
        inClass = token !== ']';
        return token === '\\w' ? '\\p{L}\\p{N}_' : token;
      }
      if (token.startsWith('[')) {
        inClass = true;
        // A bracket that comes first is a member in Python.
        return token.replace(']', '\\]');
      }
      if (token === '(?P<') return '(?<';
      if (reference !== undefined) return `\\k<${reference}>`;
      if (token.startsWith('(?#')) return '';
      if (token === '{,') return '{0,';
      if (token === '\\w') return '[\\p{L}\\p{N}_]';
      if (token === '\\W') return '[^\\p{L}\\p{N}_]';
      if (token === '\\b') return `(?:${wordStart}|${wordEnd})`;
      if (token === '\\B') return `(?!${wordStart}|${wordEnd})`;
      // What needs no escape, and may have none in JavaScript's Unicode mode.
      if (/^\\[\s"#%&',:;<=>@_`~-]$/.test(token)) return token.charAt(1);
      if (token === '\\A') return '(?<![\\s\\S])';
      if (token === '\\Z') return '(?![\\s\\S])';
      // Python's $ also stands before a last newline.
      if (token === '$' && !flags.has('m')) return '(?=\\n?(?![\\s\\S]))';
      return token;
    },
  );
  return { source, flags: [...flags].join('') };
}

function compileRegex(pattern: string, given: RegexFlags): RegExp {
  const key = `${given.ignoreCase ? 'i' : ''}${given.multiline ? 'm' : ''}/${pattern}`;
  const known = cache.get(key);
  if (known) return known;
  if (pattern.length > maximalPattern)
    throw new RegexProblem(`the pattern is longer than ${maximalPattern} characters`);
  const { source, flags } = translate(pattern, given);
  const regex = tryCompile(source, `${flags}u`) ?? tryCompile(source, flags);
  if (!regex) throw new RegexProblem(`'${pattern}' is not a valid regular expression`);
  if (cache.size >= 500) cache.clear();
  cache.set(key, regex);
  return regex;
}

/** Escapes that only the strict Unicode mode refuses, such as \- or \_, are common in Python's patterns. */
function tryCompile(source: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(source, flags);
  } catch {
    return undefined;
  }
}

/** Patterns that can take exponential or high polynomial time: a repeated group with a choice or repeat inside, back references, many repeats. */
function isRisky({ source }: RegExp, text: string): boolean {
  if (/[*+|}?][^()]*\)(?:[*+?]|\{)/.test(source) || /\)[^()]*\)(?:[*+]|\{)/.test(source) || /\\[1-9k]/.test(source))
    return true;
  return text.length > 500 && (source.match(/[*+]|\{\d+,\d*\}/g)?.length ?? 0) > 1;
}

function toMatch(found: RegExpExecArray): Match {
  return { index: found.index, text: found[0], groups: found.slice(1), named: { ...found.groups } };
}

function collect(regex: RegExp, text: string, all: boolean): Match[] {
  const found: Match[] = [];
  regex.lastIndex = 0;
  for (let match = regex.exec(text); match; match = regex.exec(text)) {
    found.push(toMatch(match));
    if (!all) break;
    if (match[0] === '') regex.lastIndex += (text.codePointAt(regex.lastIndex) ?? 0) > 0xffff ? 2 : 1;
  }
  return found;
}

function matchesOf(pattern: string, text: string, flags: RegexFlags, all: boolean): Match[] {
  const regex = compileRegex(pattern, flags);
  if (text.length > maximalInput)
    throw new RegexProblem(`the text for a regular expression is longer than ${maximalInput} characters`);
  if (!isRisky(regex, text)) return collect(regex, text, all);
  try {
    // V8 can stop a running expression only through a watched context.
    watched.work = () => collect(regex, text, all);
    return script.runInContext(createContext(watched), { timeout: deadlineMs }) as Match[];
  } catch (error) {
    if (
      typeof error === 'object' &&
      error !== null &&
      'code' in error &&
      error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
    ) {
      throw new RegexProblem(
        `the pattern '${pattern}' took more than ${deadlineMs} ms`,
        'avoid repeats inside of repeats',
      );
    }
    throw error;
  }
}

/** All matches of a pattern in Python's syntax, from left to right, not overlapping. */
export const findAll = (pattern: string, text: string, flags: RegexFlags): Match[] =>
  matchesOf(pattern, text, flags, true);

/** The first match; `match` only at the start, `fullmatch` only of the whole text. */
export function findFirst(
  pattern: string,
  text: string,
  flags: RegexFlags,
  where: 'search' | 'match' | 'fullmatch',
): Match | undefined {
  const [inline = '', letters = ''] = inlineFlags.exec(pattern) ?? [];
  // A comment ends with its line.
  const body = pattern.slice(inline.length) + (letters.includes('x') ? '\n' : '');
  const anchored = where === 'search' ? pattern : `${inline}\\A(?:${body})${where === 'fullmatch' ? '\\Z' : ''}`;
  return matchesOf(anchored, text, flags, false)[0];
}

/** Escapes of letters; Python keeps the backslash before what is no letter, and refuses other letters. */
const controls: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
  '\\': '\\',
};

/** An octal escape (`\0`, `\012`, `\101`), a group, another character; nothing at the end of the text. */
const escapes = /\\(?:(0[0-7]{0,2}|[1-7][0-7]{2})|(\d{1,2})|g<(\w+)>|([\s\S])?)/g;

/**
 * What a replacement such as `\1-\g<name>` stands for in one match, as in Python's re.sub. Throws RegexProblem for a
 * group that is not there, and for what is no escape.
 */
export function expand(replacement: string, match: Match): string {
  return replacement.replace(
    escapes,
    (whole: string, octal?: string, number?: string, name?: string, other?: string): string => {
      if (octal !== undefined) return octalCharacter(whole, octal);
      const key = number ?? name;
      if (key !== undefined) return groupOf(match, key) ?? '';
      if (other === undefined || (/[A-Za-z]/.test(other) && controls[other] === undefined))
        throw new RegexProblem(`bad escape ${whole}${other === undefined ? ' (end of pattern)' : ''}`);
      return controls[other] ?? whole;
    },
  );
}

function octalCharacter(whole: string, digits: string): string {
  const code = Number.parseInt(digits, 8);
  if (code > 0o377) throw new RegexProblem(`octal escape value ${whole} outside of range 0-0o377`);
  return String.fromCharCode(code);
}

/** Text of a group by number, 0 for all, or name; undefined: it took no part. Throws RegexProblem where there is none. */
export function groupOf({ text, groups, named }: Match, key: string): string | undefined {
  if (!/^\d+$/.test(key)) {
    if (!Object.hasOwn(named, key)) throw new RegexProblem(`the pattern has no group '${key}'`);
    return named[key];
  }
  const index = Number(key);
  if (index > groups.length) throw new RegexProblem(`the pattern has no group ${index}`);
  return index === 0 ? text : groups[index - 1];
}
