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
  /** \w, \d, \s and \b are those of ASCII, as with (?a). */
  readonly ascii?: boolean;
}

export interface Match {
  readonly index: number;
  readonly text: string;
  /** Groups from 1; undefined for one that took no part. */
  readonly groups: readonly (string | undefined)[];
  readonly named: Readonly<Record<string, string | undefined>>;
}

const maximalPattern = 4096;
const maximalInput = 64 * 1024 * 1024;
/** A text from here on may take any pattern long. */
const longInput = 1024 * 1024;
const deadlineMs = 1000;

const watched: { work?: () => Match[] } = {};
const script = new Script('work()');

const cache = new Map<string, RegExp>();

/** Members of a class: what \w, \d and \s stand for in Python, which knows every script. */
type Sets = Readonly<Record<string, string>>;
const unicodeSets: Sets = { w: '\\p{L}\\p{N}_', d: '\\p{Nd}', s: '\\t-\\r\\x1c-\\x20\\x85\\p{Z}' };
/** The same with (?a). */
const asciiSets: Sets = { w: 'A-Za-z0-9_', d: '0-9', s: '\\t-\\r\\x20' };

/** Flags that a pattern begins with. */
const inlineFlags = /^\(\?([aiLmsux]+)\)/;

/** A pattern of (?x) without the blanks and comments that mean nothing there. */
function withoutBlanks(pattern: string): string {
  const parts = /\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|\s+|#.*/g;
  return pattern.replace(parts, (part) => (/^[\s#]/.test(part) ? '' : part));
}

/** Where Python's syntax is not JavaScript's: escapes, classes, flags of a group and its end, counts, single characters. */
const tokens =
  /\\(?:0[0-7]{0,2}|[1-3][0-7]{2}|[\s\S])|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|\(\?P=(\w+)\)|\(\?#[^)]*\)|\(\?([aimsux]*)(?:-([imsx]+))?:|\((?:\?P<\w+>)?|\{\d*,?\d*\}|[\s\S]/gu;

/** Python's syntax in JavaScript's: named groups, anchors, letters of all scripts, flags; the rest is the same in both. */
function translate(pattern: string, { ignoreCase, multiline, ascii }: RegexFlags): { source: string; flags: string } {
  const [inline = '', letters = ''] = inlineFlags.exec(pattern) ?? [];
  const unknown = /L/.exec(letters)?.[0];
  if (unknown !== undefined)
    throw new RegexProblem(`the flag '${unknown}' is not known here`, 'write [A-Za-z0-9_] for \\w');
  const behind = pattern.slice(inline.length);
  const body = letters.includes('x') ? withoutBlanks(behind) : behind;
  const given = new Set([...letters, ...(ignoreCase ? 'i' : ''), ...(multiline ? 'm' : ''), ...(ascii ? 'a' : '')]);
  // JavaScript knows no flags for a part: there both cases are written out.
  const byPart = /\(\?[a-z]*-?[a-z]*i[a-z]*:/.test(body);
  const open = [given];
  const source = body.replace(tokens, (token: string, reference?: string, on?: string, off?: string) => {
    const flags = open.at(-1) ?? given;
    const bothCases = byPart && flags.has('i');
    const sets = flags.has('a') ? asciiSets : unicodeSets;
    if (token.startsWith('\\')) return escapeOf(token, sets);
    if (token.length > 1 && token.startsWith('[')) return classOf(token, bothCases, sets);
    if (reference !== undefined) return `\\k<${reference}>`;
    if (token.startsWith('(?#')) return '';
    if (on !== undefined) {
      const unknown = /x/.exec(`${on}${off ?? ''}`)?.[0];
      if (unknown !== undefined)
        throw new RegexProblem(`the flag '${unknown}' for a part of a pattern is not known here`);
      open.push(new Set([...flags, ...on].filter((flag) => !off?.includes(flag))));
      return '(?:';
    }
    if (token.startsWith('(')) open.push(flags);
    if (token === ')' && open.length > 1) open.pop();
    if (token.startsWith('(?P<')) return token.replace('P', '');
    // Braces that count nothing are characters.
    if (/^(?:\{\}|[{}\]])$/.test(token)) return token.replace(/./g, '\\$&');
    if (token.startsWith('{,')) return `{0${token.slice(1)}`;
    if (token === '.') return flags.has('s') ? '[\\s\\S]' : '[^\\n]';
    if (token === '^' && flags.has('m')) return '(?:^|(?<=\\n))';
    // Python's $ also stands before a last newline.
    if (token === '$') return flags.has('m') ? '(?=\\n|$)' : '(?=\\n?$)';
    return bothCases && otherCase(token) !== token ? `[${token}${otherCase(token)}]` : token;
  });
  return { source, flags: given.has('i') && !byPart ? 'giu' : 'gu' };
}

const escaped = /\\(?:0[0-7]{0,2}|[1-3][0-7]{2}|[\s\S])/gu;

/** A letter in its other case; itself where that is none, or more than one. */
function otherCase(letter: string): string {
  const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
  return other.length === letter.length ? other : letter;
}

const member = /(\\x[\da-f]{2}|\\u[\da-f]{4}|\\[\s\S]|[\s\S])(?:-(\\[\s\S]|[\s\S]))?/giu;

/** What a class has to hold beside its members to hold them in both cases. */
function otherCases(members: string): string {
  return members.replace(member, (_, from: string, to?: string) => {
    if (from.startsWith('\\') || to?.startsWith('\\')) return '';
    if (to === undefined) return otherCase(from) === from ? '' : otherCase(from);
    const letters = [
      ['a', 'z'],
      ['A', 'Z'],
    ].flatMap(([first = '', last = '']) => {
      const [least, most] = [from > first ? from : first, to < last ? to : last];
      return least <= most ? [`${otherCase(least)}-${otherCase(most)}`] : [];
    });
    return letters.join('');
  });
}

function escapeOf(token: string, sets: Sets): string {
  const letter = token.slice(1);
  const [own, other] = [sets[letter], sets[letter.toLowerCase()]];
  if (own !== undefined) return `[${own}]`;
  if (other !== undefined) return `[^${other}]`;
  const wordStart = `(?<![${sets.w}])(?=[${sets.w}])`;
  const wordEnd = `(?<=[${sets.w}])(?![${sets.w}])`;
  if (letter === 'b') return `(?:${wordStart}|${wordEnd})`;
  if (letter === 'B') return `(?!${wordStart}|${wordEnd})`;
  if (letter === 'A') return '^';
  if (letter === 'Z') return '$';
  return letter === '-' ? letter : characterOf(token);
}

/** An escape that is one character in both; what needs none may have none in JavaScript. */
function characterOf(token: string): string {
  if (token === '\\a') return '\\x07';
  if (/^\\\d\d/.test(token) || token === '\\0') {
    return `\\x${Number.parseInt(token.slice(1), 8).toString(16).padStart(2, '0')}`;
  }
  return /^\\(?:_|[^\w^$\\.*+?()[\]{}|/-])$/u.test(token) ? token.slice(1) : token;
}

/** A class of characters. What is no letter, digit or blank (`\W`) can't stand among JavaScript's members: it is a choice beside them. */
function classOf(text: string, bothCases: boolean, sets: Sets): string {
  const not = text.startsWith('[^');
  const others: string[] = [];
  const written = text
    .slice(not ? 2 : 1, -1)
    // A bracket that comes first is a member, and so is a last hyphen.
    .replace(/^\]/, '\\]')
    .replace(/^-|(?<!\\)-$/g, '\\-');
  const members = (bothCases ? written + otherCases(written) : written).replace(escaped, (token) => {
    const letter = token.slice(1);
    const [own, other] = [sets[letter], sets[letter.toLowerCase()]];
    if (own !== undefined) return own;
    if (other !== undefined) others.push(`[^${other}]`);
    return other === undefined ? characterOf(token) : '';
  });
  if (others.length === 0) return `[${not ? '^' : ''}${members}]`;
  return not ? `(?:(?!${others.join('|')})[^${members}])` : `(?:[${members}]|${others.join('|')})`;
}

/** A pattern in Python's syntax as an expression of JavaScript (with `lastIndex`). Throws RegexProblem. */
export function compileRegex(pattern: string, given: RegexFlags): RegExp {
  const key = `${given.ignoreCase ? 'i' : ''}${given.multiline ? 'm' : ''}${given.ascii ? 'a' : ''}/${pattern}`;
  const known = cache.get(key);
  if (known) return known;
  if (pattern.length > maximalPattern)
    throw new RegexProblem(`the pattern is longer than ${maximalPattern} characters`);
  const { source, flags } = translate(pattern, given);
  const regex = tryCompile(source, flags);
  if (!regex) throw new RegexProblem(`'${pattern}' is not a valid regular expression`);
  if (cache.size >= 500) cache.clear();
  cache.set(key, regex);
  return regex;
}

function tryCompile(source: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(source, flags);
  } catch {
    return undefined;
  }
}

/** Patterns that can take exponential or high polynomial time: a repeated group with a choice or repeat inside, back references, many repeats; all over a long text. */
function isRisky({ source }: RegExp, text: string): boolean {
  if (text.length > longInput) return true;
  if (/[*+|}?][^()]*\)(?:[*+?]|\{)|\)[^()]*\)(?:[*+]|\{)|\\[1-9]|\\k</.test(source)) return true;
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
