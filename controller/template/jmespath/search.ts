import { callOf } from './functions.ts';
import { problem, type Token, tokens } from './tokens.ts';
import { type Evaluate, holds, isArray, isObject, isSame, order, Reference, type Value } from './values.ts';

/** How tightly operators bind; what is not here ends an expression. */
const powers: Readonly<Record<string, number>> = {
  '|': 1,
  '||': 2,
  '&&': 3,
  ...{ '==': 5, '!=': 5, '<': 5, '<=': 5, '>': 5, '>=': 5 },
  '[]': 9,
  '*': 20,
  '[?': 21,
  '.': 40,
  '!': 45,
  '[': 55,
};

/** Nesting that an expression may have. */
const deepest = 100;

/** What binds less ends the part that a projection applies to each item. */
const endsProjection = 10;

const itself: Evaluate = (value) => value;
const chain =
  (first: Evaluate, then: Evaluate): Evaluate =>
  (value) =>
    then(first(value));
const field =
  (name: string): Evaluate =>
  (value) =>
    isObject(value) && Object.hasOwn(value, name) ? (value[name] ?? null) : null;

/** Applies `then` to each of the items that `from` gives, and leaves out what is null; null where it gives no list. */
function projection(from: (value: Value) => readonly Value[] | undefined, then: Evaluate): Evaluate {
  return (value) => {
    const found = from(value);
    return found === undefined ? null : found.map((item) => then(item) ?? null).filter((item) => item !== null);
  };
}

const asArray = (value: Value): readonly Value[] | undefined => (isArray(value) ? value : undefined);
const valuesOf = (value: Value): readonly Value[] | undefined => (isObject(value) ? Object.values(value) : undefined);
const flattened = (value: Value): readonly Value[] | undefined => asArray(value)?.flat();

/** The items of a slice, as Python counts them. */
function sliced(items: readonly Value[], start: number | undefined, stop: number | undefined, step: number): Value[] {
  const { length } = items;
  const [least, most] = step > 0 ? [0, length] : [-1, length - 1];
  const bound = (at: number) => Math.min(Math.max(at < 0 ? at + length : at, least), most);
  const from = start === undefined ? (step > 0 ? least : most) : bound(start);
  const to = stop === undefined ? (step > 0 ? most : least) : bound(stop);
  const picked: Value[] = [];
  for (let at = from; step > 0 ? at < to : at > to; at += step) picked.push(items[at]);
  return picked;
}

/**
 * Parses an expression into the function that it is, by the grammar of jmespath.org/specification.html: each token says what
 * it means at the start of an expression (`start`), and behind one (`follow`).
 */
class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokens(text);
  }

  whole(): Evaluate {
    const found = this.#expression(0);
    this.#expect('end');
    return found;
  }

  get #current(): Token {
    return this.#tokens[this.#at] ?? { type: 'end', value: undefined, at: this.#text.length };
  }

  #next(): Token {
    const token = this.#current;
    this.#at++;
    return token;
  }

  #skip(type: string): boolean {
    const there = this.#current.type === type;
    if (there) this.#at++;
    return there;
  }

  #expect(type: string): void {
    if (!this.#skip(type)) this.#fail(type === 'end' ? 'an operator or the end' : type);
  }

  #fail(expected: string): never {
    const { type, value, at } = this.#current;
    throw problem(this.#text, at, `${expected} was expected, not ${type === 'end' ? 'the end' : String(value)}`);
  }

  #expression(power: number): Evaluate {
    if (++this.#depth > deepest) throw problem(this.#text, this.#current.at, 'this is nested too deeply');
    let left = this.#start();
    while (power < (powers[this.#current.type] ?? 0)) left = this.#follow(left);
    this.#depth--;
    return left;
  }

  #start(): Evaluate {
    const { type, value } = this.#current;
    if (type === 'name' || type === 'quoted name') {
      this.#at++;
      if (type === 'name' && this.#skip('(')) return callOf(String(value), this.#arguments());
      return field(String(value));
    }
    if (type === 'literal') {
      this.#at++;
      return () => value;
    }
    if (type === '[' || type === '[?' || type === '[]') {
      const following = this.#tokens[this.#at + 1]?.type;
      if (type === '[' && following !== 'number' && following !== ':' && !this.#isStar()) return this.#list();
      return this.#follow(itself);
    }
    if (this.#skip('@')) return itself;
    if (this.#skip('{')) return this.#object();
    if (this.#skip('*')) return projection(valuesOf, this.#projected(20));
    if (this.#skip('!')) {
      const operand = this.#expression(45);
      return (each) => !holds(operand(each));
    }
    if (this.#skip('(')) {
      const inside = this.#expression(0);
      this.#expect(')');
      return inside;
    }
    return this.#fail('an expression');
  }

  #follow(left: Evaluate): Evaluate {
    const { type } = this.#next();
    switch (type) {
      case '.': {
        if (this.#skip('*')) return chain(left, projection(valuesOf, this.#projected(20)));
        return chain(left, this.#member(40));
      }
      case '|':
        return chain(left, this.#expression(1));
      case '||': {
        const right = this.#expression(2);
        return (value) => {
          const found = left(value);
          return holds(found) ? found : right(value);
        };
      }
      case '&&': {
        const right = this.#expression(3);
        return (value) => {
          const found = left(value);
          return holds(found) ? right(value) : found;
        };
      }
      case '[]':
        return chain(left, projection(flattened, this.#projected(9)));
      case '[?': {
        const condition = this.#expression(0);
        this.#expect(']');
        const fitting = (value: Value) => asArray(value)?.filter((item) => holds(condition(item)));
        return chain(left, projection(fitting, this.#projected(21)));
      }
      case '[':
        return chain(left, this.#index());
      default:
        return compared(type, left, this.#expression(5));
    }
  }

  /** `[*]`, behind whose bracket the current token stands or which it begins. */
  #isStar(): boolean {
    const [star, close] = this.#tokens.slice(this.#at + 1);
    return star?.type === '*' && close?.type === ']';
  }

  /** What stands between `[` and `]`: a number, a slice or a star. */
  #index(): Evaluate {
    if (this.#skip('*')) {
      this.#expect(']');
      return projection(asArray, this.#projected(20));
    }
    const parts: (number | undefined)[] = [this.#number()];
    while (parts.length < 3 && this.#skip(':')) parts.push(this.#number());
    this.#expect(']');
    const [start, stop, step = 1] = parts;
    if (parts.length === 1) {
      if (start === undefined) this.#fail('a number');
      return (value) => asArray(value)?.at(start) ?? null;
    }
    if (step === 0) throw problem(this.#text, this.#current.at, 'the step of a slice cannot be 0');
    const picked = (value: Value) => (isArray(value) ? sliced(value, start, stop, step) : undefined);
    return projection(picked, this.#projected(20));
  }

  #number(): number | undefined {
    return this.#current.type === 'number' ? Number(this.#next().value) : undefined;
  }

  /** What a projection does with each item. */
  #projected(power: number): Evaluate {
    const { type } = this.#current;
    if ((powers[type] ?? 0) < endsProjection) return itself;
    if (this.#skip('.')) return this.#member(power);
    if (type === '[' || type === '[?') return this.#expression(power);
    return this.#fail('".", "[" or the end');
  }

  /** What may stand behind a dot. */
  #member(power: number): Evaluate {
    const { type } = this.#current;
    if (type === 'name' || type === 'quoted name' || type === '*') return this.#expression(power);
    if (type === '[') return this.#list();
    if (this.#skip('{')) return this.#object();
    return this.#fail('a name, "*", "[" or "{"');
  }

  /** `[a, b]`: a list of what each gives; null of null. */
  #list(): Evaluate {
    this.#expect('[');
    const parts: Evaluate[] = [];
    do parts.push(this.#expression(0));
    while (this.#skip(','));
    this.#expect(']');
    return (value) => ((value ?? null) === null ? null : parts.map((part) => part(value) ?? null));
  }

  /** `{name: a, other: b}`; null of null. */
  #object(): Evaluate {
    const parts: [string, Evaluate][] = [];
    do {
      if (!/name$/.test(this.#current.type)) this.#fail('a name');
      const name = String(this.#next().value);
      this.#expect(':');
      parts.push([name, this.#expression(0)]);
    } while (this.#skip(','));
    this.#expect('}');
    return (value) => {
      if ((value ?? null) === null) return null;
      return Object.fromEntries(parts.map(([name, part]) => [name, part(value) ?? null]));
    };
  }

  #arguments(): (Evaluate | Reference)[] {
    const args: (Evaluate | Reference)[] = [];
    if (this.#skip(')')) return args;
    do args.push(this.#skip('&') ? new Reference(this.#expression(0)) : this.#expression(0));
    while (this.#skip(','));
    this.#expect(')');
    return args;
  }
}

function compared(operator: string, left: Evaluate, right: Evaluate): Evaluate {
  if (operator === '==') return (value) => isSame(left(value), right(value));
  if (operator === '!=') return (value) => !isSame(left(value), right(value));
  return (value) => {
    const found = order(left(value), right(value));
    if (found === undefined) return null;
    if (operator === '<') return found < 0;
    if (operator === '<=') return found <= 0;
    return operator === '>' ? found > 0 : found >= 0;
  };
}

const known = new Map<string, Evaluate>();

/** What a JMESPath expression finds in plain data; null where there is nothing. Throws Fault. */
export function search(expression: string, data: Value): Value {
  let parsed = known.get(expression);
  if (parsed === undefined) {
    parsed = new Parser(expression).whole();
    if (known.size >= 1000) known.clear();
    known.set(expression, parsed);
  }
  return parsed(data) ?? null;
}
