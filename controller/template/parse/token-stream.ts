import { Fault } from '../fault.ts';
import type { Token, TokenType } from './lexer.ts';

/** What a person would call a token. */
function describe(token: Token): string {
  if (token.type === 'eof') return 'the end';
  if (token.type === 'data') return 'text';
  if (token.type === 'string') return `the string '${token.value}'`;
  return `'${token.value}'`;
}

/** Nesting that a template may have; keeps parser and evaluator within the stack. */
const maximalDepth = 100;

export type PluginCheck = (kind: 'filter' | 'test', name: string, at: number) => void;

/** Tokens with a reading position. */
export class TokenStream {
  readonly #tokens: readonly Token[];
  readonly #end: Token;
  #index = 0;
  #depth = 0;

  readonly #check: PluginCheck;
  /** What was found of filters and tests that do not exist. */
  readonly #missing: unknown[] = [];
  readonly #blocks = new Set<string>();

  /** True when templates in constant texts are rendered. */
  readonly embeds: boolean;

  constructor(tokens: readonly Token[], length: number, checkPlugin: PluginCheck, embeds = false) {
    this.#tokens = tokens;
    this.embeds = embeds;
    this.#check = checkPlugin;
    this.#end = { type: 'eof', value: '', at: length };
  }

  get current(): Token {
    return this.#tokens[this.#index] ?? this.#end;
  }

  get following(): Token {
    return this.#tokens[this.#index + 1] ?? this.#end;
  }

  next(): Token {
    const token = this.current;
    this.#index++;
    return token;
  }

  is(type: TokenType, value?: string): boolean {
    return this.current.type === type && (value === undefined || this.current.value === value);
  }

  isOperator(...values: string[]): boolean {
    return this.current.type === 'operator' && values.includes(this.current.value);
  }

  isName(...values: string[]): boolean {
    return this.current.type === 'name' && values.includes(this.current.value);
  }

  /** Takes the operator when it is next. */
  skip(operator: string): boolean {
    if (!this.isOperator(operator)) return false;
    this.#index++;
    return true;
  }

  skipName(word: string): boolean {
    if (!this.isName(word)) return false;
    this.#index++;
    return true;
  }

  expect(type: TokenType, value?: string): Token {
    if (!this.is(type, value)) this.fail(value === undefined ? (type === 'name' ? 'a name' : type) : `'${value}'`);
    return this.next();
  }

  /** Throws: `wanted` was expected here. */
  fail(wanted: string): never {
    const token = this.current;
    const assignment = token.value === '=' && token.type === 'operator';
    throw new Fault(`${wanted} was expected, not ${describe(token)}`, {
      code: 'template-syntax',
      at: token.at,
      hint: assignment ? "compare with '=='" : undefined,
    });
  }

  /** Keeps in mind a filter or test that does not exist. */
  checkPlugin(...asked: Parameters<PluginCheck>): void {
    try {
      this.#check(...asked);
    } catch (error) {
      this.#missing.push(error);
    }
  }

  /** How much is missing so far, for `passOver`. */
  get missing(): number {
    return this.#missing.length;
  }

  /** Forgets what more is missing: it stands in a branch that may not be taken, where Jinja2 tells of it when it is reached. */
  passOver(known: number): void {
    this.#missing.length = known;
  }

  /** Throws for the first filter or test that does not exist. */
  checkMissing(): void {
    if (this.#missing.length > 0) throw this.#missing[0];
  }

  /** Notes the name of a `block`; throws when the template has it already. */
  defineBlock(name: string, at: number): void {
    if (this.#blocks.has(name)) throw new Fault(`block '${name}' is defined twice`, { code: 'template-syntax', at });
    this.#blocks.add(name);
  }

  /** Runs `parse` one level deeper. */
  nested<T>(parse: () => T): T {
    if (++this.#depth > maximalDepth) {
      throw new Fault(`nested more than ${maximalDepth} levels deep`, { code: 'template-syntax', at: this.current.at });
    }
    const result = parse();
    this.#depth--;
    return result;
  }
}
