/** What PyYAML finds out about a text before it chooses how to write it. */
export interface ScalarAnalysis {
  readonly multiline: boolean;
  readonly plainInFlow: boolean;
  readonly plainInBlock: boolean;
  readonly single: boolean;
  /** It may be a block of lines. */
  readonly block: boolean;
}

const breaks = /[\n\x85\u2028\u2029]/;
const special = /[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u;

/** PyYAML's analyze_scalar(), with allow_unicode; what libyaml can't print (emoji and all beyond U+FFFF) it escapes. */
export function analyzeScalar(text: string): ScalarAnalysis {
  if (text === '') return { multiline: false, plainInFlow: false, plainInBlock: true, single: true, block: false };
  let block = /^(?:---|\.\.\.)/.test(text);
  let flow = block;
  const multiline = breaks.test(text);
  if (/^[#,[\]{}&*!|>'"%@`]/.test(text)) block = flow = true;
  if (/^[?:]/.test(text)) {
    flow = true;
    if (text.length === 1 || /^.[\0 \t\r\n\x85\u2028\u2029]/u.test(text)) block = true;
  }
  if (/^-(?:[\0 \t\r\n\x85\u2028\u2029]|$)/.test(text)) block = flow = true;
  const rest = text.slice(1);
  if (/[,?[\]{}]/.test(rest)) flow = true;
  if (/:/.test(rest)) {
    flow = true;
    if (/:(?:[\0 \t\r\n\x85\u2028\u2029]|$)/.test(rest)) block = true;
  }
  if (/[\0 \t\r\n\x85\u2028\u2029]#/.test(text)) block = flow = true;
  const leading = /^[ \n\x85\u2028\u2029]/.test(text);
  const trailing = /[ \n\x85\u2028\u2029]$/.test(text);
  const breakSpace = /[\n\x85\u2028\u2029] /.test(text);
  const spaceBreak = / [\n\x85\u2028\u2029]/.test(text);
  const specials = special.test(text) || text.includes('\t') || text.includes('\r');
  const unsafe = specials || spaceBreak;
  const plain = !(leading || trailing || breakSpace || unsafe || multiline);
  return {
    multiline,
    plainInFlow: plain && !flow,
    plainInBlock: plain && !block,
    single: !breakSpace && !unsafe,
    block: !/ $/.test(text) && !spaceBreak && !specials,
  };
}

const short: Readonly<Record<string, string>> = {
  ...{ '\0': '0', '\x07': 'a', '\b': 'b', '\t': 't', '\n': 'n', '\v': 'v', '\f': 'f', '\r': 'r', '\x1b': 'e' },
  ...{ '"': '"', '\\': '\\', '\x85': 'N', '\u2028': 'L', '\u2029': 'P' },
};

/** A character as it stands between double quotes. */
export function escapeOne(character: string): string {
  const name = short[character];
  if (name !== undefined) return `\\${name}`;
  if (/[\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  const [letter, width] = code <= 0xff ? ['x', 2] : code <= 0xffff ? ['u', 4] : ['U', 8];
  return `\\${letter}${code.toString(16).toUpperCase().padStart(Number(width), '0')}`;
}
