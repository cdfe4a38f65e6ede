import { type CST, Parser } from 'yaml';

/**
 * What reads YAML goes from level to level, and V8 ends the whole process where a regular expression is first met with little of
 * the stack left: what is nested deeper than anybody writes must not come that far.
 */
const mostLevels = 300;

/** A text is nested too deeply, at `offset`. */
export class NestedTooDeeply extends Error {
  readonly offset: number;

  constructor(offset: number) {
    super('it is nested too deeply');
    this.offset = offset;
  }
}

/** Passes a parser's tokens on. Throws NestedTooDeeply. */
export function* shallow(tokens: Iterable<CST.Token>): Generator<CST.Token, void> {
  for (const token of tokens) {
    if (token.type === 'document' && token.value) requireLevels(token.value);
    yield token;
  }
}

/** Throws NestedTooDeeply. */
export function requireShallow(text: string): void {
  for (const _ of shallow(new Parser().parse(text)));
}

function requireLevels(root: CST.Token): void {
  const open = [{ token: root, level: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, level } = next;
    if (level > mostLevels) throw new NestedTooDeeply(token.offset);
    if (!('items' in token)) continue;
    for (const { key, value } of token.items) {
      if (key && 'items' in key) open.push({ token: key, level: level + 1 });
      if (value && 'items' in value) open.push({ token: value, level: level + 1 });
    }
  }
}
