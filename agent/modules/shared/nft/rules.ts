/** Quoted text, a comment, or one of the characters that structure a ruleset, as src/scanner.l of nftables reads them. */
const tokens = /"[^"]*"|#[^\n]*|["{}]|\binclude\b/g;

/**
 * Why this text can't stand inside `table ... { }`, or undefined when it can: it may not close the table's brace and go on
 * behind it, where it could change anything, nor have nft read other files.
 */
export function rulesProblem(rules: string): string | undefined {
  let depth = 0;
  for (const match of rules.matchAll(tokens)) {
    const line = () => `line ${rules.slice(0, match.index).split('\n').length}`;
    if (match[0] === '"') return `${line()} opens a quote that nothing closes`;
    if (match[0] === 'include') return `${line()} includes a file: put its text here (lookup('file', ...) reads one)`;
    if (match[0] === '{') depth++;
    if (match[0] === '}' && --depth < 0) return `${line()} closes a brace that these rules did not open`;
  }
  return depth === 0 ? undefined : `${depth} ${depth === 1 ? 'brace is' : 'braces are'} not closed`;
}
