import { Fault } from '../fault.ts';
import { checkText } from '../limits.ts';
import type { CallArguments, CompareOperator, Expression, ExpressionOf, NamedCall } from '../parse/tree.ts';
import { applyFilter, applyTest } from '../plugins.ts';
import { attributeOf, itemOf, sliceOf } from '../python/access.ts';
import { calculate, signed } from '../python/arithmetic.ts';
import { compare, contains, equals, truth } from '../python/compare.ts';
import { keyOf, mapEntries } from '../python/mapping.ts';
import { str } from '../python/text.ts';
import {
  absentBy,
  Callable,
  defined,
  type Given,
  isList,
  isMapping,
  MemberHolder,
  NoElse,
  Tuple,
  typeName,
  Undefined,
} from '../python/values.ts';
import { callMethod, callWith } from './call.ts';
import type { Frame } from './frame.ts';

/** The value of an expression; Undefined for a name that does not exist. Faults get their place here. */
export function evaluate(node: Expression, frame: Frame): unknown {
  try {
    frame.rendering.spend();
    const value = nodeValue(node, frame);
    return value instanceof Undefined ? value.madeBy(node.at, frame.source) : frame.rendering.own(value);
  } catch (error) {
    if (error instanceof Fault) error.at ??= node.at;
    throw error;
  }
}

function nodeValue(node: Expression, frame: Frame): unknown {
  switch (node.kind) {
    case 'constant':
      return node.value;
    case 'embedded':
      return frame.rendering.embedded(node.text, frame);
    case 'name':
      return frame.get(node.name, node.at);
    case 'attribute':
      return attributeOf(evaluate(node.object, frame), node.name, node.at);
    case 'item':
      return itemOf(evaluate(node.object, frame), evaluate(node.key, frame), node.at);
    case 'slice': {
      const part = (inner: Expression | undefined) => inner && evaluate(inner, frame);
      return sliceOf(evaluate(node.object, frame), part(node.start), part(node.stop), part(node.step));
    }
    case 'list':
      return frame.rendering.written(node.items.map((item) => evaluate(item, frame)));
    case 'tuple':
      return Tuple.from(node.items, (item) => evaluate(item, frame));
    case 'dict':
      return frame.rendering.written(
        new Map(node.pairs.map(({ key, value }) => [keyOf(defined(evaluate(key, frame))), evaluate(value, frame)])),
      );
    case 'call':
      return frame.rendering.passed(evaluateCall(node, frame));
    case 'filter':
      return evaluateFilter(node, evaluate(node.value, frame), frame);
    case 'test':
      return evaluateTest(node, evaluate(node.value, frame), frame);
    case 'not':
      return !truth(evaluate(node.operand, frame));
    case 'negative':
    case 'positive':
      return signed(defined(evaluate(node.operand, frame)), node.kind === 'negative');
    case 'and': {
      const left = evaluate(node.left, frame);
      return truth(left) ? evaluate(node.right, frame) : left;
    }
    case 'or': {
      const left = evaluate(node.left, frame);
      return truth(left) ? left : evaluate(node.right, frame);
    }
    case 'condition':
      if (truth(evaluate(node.test, frame))) return evaluate(node.yes, frame);
      if (node.no) return evaluate(node.no, frame);
      return new NoElse(node.at);
    case 'binary': {
      const left = defined(evaluate(node.left, frame));
      const result = calculate(node.operator, left, defined(evaluate(node.right, frame)));
      frame.rendering.spend(result);
      return result;
    }
    case 'concat': {
      const parts = node.parts.map((part) => str(evaluate(part, frame)));
      checkText(parts.reduce((sum, part) => sum + part.length, 0));
      return parts.join('');
    }
    case 'compare':
      return evaluateCompare(node, frame);
  }
}

const comparisons: Readonly<Record<CompareOperator, (a: unknown, b: unknown) => boolean>> = {
  '==': equals,
  '!=': (a, b) => !equals(a, b),
  '<': (a, b) => compare(a, b) < 0,
  '<=': (a, b) => compare(a, b, '<=') <= 0,
  '>': (a, b) => compare(a, b, '>') > 0,
  '>=': (a, b) => compare(a, b, '>=') >= 0,
  in: (a, b) => contains(b, a),
  'not in': (a, b) => !contains(b, a),
};

/** `a < b < c` holds when each pair does; b is evaluated once. */
function evaluateCompare(node: ExpressionOf<'compare'>, frame: Frame): boolean {
  let left = evaluate(node.first, frame);
  for (const { operator, value } of node.rest) {
    const right = evaluate(value, frame);
    frame.rendering.spend(right);
    if (!comparisons[operator](left, right)) return false;
    left = right;
  }
  return true;
}

function evaluateArguments(args: CallArguments, frame: Frame): Given {
  const passed = (value: Expression) => frame.rendering.passed(evaluate(value, frame));
  const positional = args.positional.map(passed);
  const named = new Map(args.named.map(({ name, value }) => [name, passed(value)]));
  if (args.spread) {
    const list = defined(evaluate(args.spread, frame));
    if (!isList(list)) throw new Fault(`after '*' must be a list, not ${typeName(list)}`);
    for (const item of list) positional.push(item);
  }
  if (args.spreadNamed) {
    const options = defined(evaluate(args.spreadNamed, frame));
    if (!isMapping(options)) throw new Fault(`after '**' must be a dict, not ${typeName(options)}`);
    for (const [name, value] of mapEntries(options)) named.set(str(name), value);
  }
  return { positional, named };
}

const isLookup = (callee: Expression): boolean =>
  callee.kind === 'name' && (callee.name === 'lookup' || callee.name === 'query' || callee.name === 'q');

/** Terms of a lookup with the templates in their constant texts rendered: `lookup('file', '{{ dir }}/x')`. */
function embeddedTerms(args: CallArguments, frame: Frame): CallArguments {
  return { ...args, positional: args.positional.map((term) => embeddedTerm(term, frame)) };
}

function embeddedTerm(term: Expression, frame: Frame): Expression {
  if (term.kind === 'list') return { ...term, items: term.items.map((item) => embeddedTerm(item, frame)) };
  if (term.kind === 'dict') {
    return { ...term, pairs: term.pairs.map(({ key, value }) => ({ key, value: embeddedTerm(value, frame) })) };
  }
  if (term.kind !== 'constant' || typeof term.value !== 'string' || !/\{[{%]/.test(term.value)) return term;
  return { ...term, value: frame.rendering.embedded(term.value, frame) };
}

/** The value of a call; `caller` is the body of a `{% call %}`. */
export function evaluateCall(node: ExpressionOf<'call'>, frame: Frame, caller?: Callable): unknown {
  const { callee } = node;
  const given = (): Given => {
    const { positional, named } = evaluateArguments(
      isLookup(callee) ? embeddedTerms(node.args, frame) : node.args,
      frame,
    );
    return { positional, named: caller ? new Map([...named, ['caller', caller]]) : named };
  };
  if (callee.kind === 'attribute') {
    const object = evaluate(callee.object, frame);
    const args = given();
    return givingOn(node.at, frame, () => callMethod(defined(object), callee.name, args, frame.rendering));
  }
  const found = evaluate(callee, frame);
  const args = given();
  return givingOn(node.at, frame, () => {
    const target = found instanceof MemberHolder ? found.self : defined(found);
    if (!(target instanceof Callable)) throw new Fault(`a value of type ${typeName(found)} cannot be called`);
    return callWith(target, args);
  });
}

/** What `work` gives; what does not exist and it stumbles over is given on, for `default` and `is defined` to take. */
function givingOn(at: number, { source }: Frame, work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    const absent = absentBy(error);
    if (absent === undefined) throw error;
    if (error instanceof Fault) {
      error.at ??= at;
      error.source ??= source;
    }
    return absent;
  }
}

/** Pipes a value through one filter. */
export function evaluateFilter(call: NamedCall, value: unknown, frame: Frame): unknown {
  const { rendering } = frame;
  rendering.spend(value);
  try {
    const given = evaluateArguments(call.args, frame);
    const piped = rendering.passed(value);
    return rendering.passed(givingOn(call.at, frame, () => applyFilter(call.name, piped, given, rendering.options)));
  } catch (error) {
    if (error instanceof Fault) error.at ??= call.at;
    throw error;
  }
}

function evaluateTest(call: NamedCall, value: unknown, frame: Frame): unknown {
  frame.rendering.spend(value);
  const given = evaluateArguments(call.args, frame);
  return givingOn(call.at, frame, () => applyTest(call.name, value, given, frame.rendering.options));
}
