import { asList } from './coerce.ts';
import { truth } from './compare.ts';
import { evaluate, evaluateFilter } from './evaluator.ts';
import { Fault } from './fault.ts';
import type { Frame } from './frame.ts';
import { checkText } from './limits.ts';
import { LoopState } from './loop.ts';
import { renderMacro } from './macro.ts';
import { printedText } from './text.ts';
import type { NamedCall, Statement, StatementOf, Target } from './tree.ts';
import { defined, Namespace, typeName } from './values.ts';

/** What a body prints: text that grows up to a bound, or the one value that was all. */
class Output {
  readonly #parts: string[] = [];
  #length = 0;
  #only: unknown = '';
  #count = 0;

  add(value: unknown): void {
    if (this.#count === 1) this.#append(this.#only);
    if (this.#count > 0) this.#append(value);
    else this.#only = value;
    this.#count++;
  }

  #append(value: unknown): void {
    const text = printedText(value);
    this.#length += text.length;
    checkText(this.#length);
    this.#parts.push(text);
  }

  get value(): unknown {
    return this.#count > 1 ? this.#parts.join('') : this.#only;
  }
}

type Flow = 'break' | 'continue' | undefined;

/** Renders statements; names that they set stay in `frame`. One printed value is itself, more are text. */
export function renderBody(body: readonly Statement[], frame: Frame): unknown {
  const output = new Output();
  run(body, frame, output);
  return output.value;
}

function run(body: readonly Statement[], frame: Frame, output: Output): Flow {
  for (const statement of body) {
    const flow = withPlace(statement.at, () => runOne(statement, frame, output));
    if (flow) return flow;
  }
  return undefined;
}

function withPlace<T>(at: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Fault) error.at ??= at;
    throw error;
  }
}

function runOne(statement: Statement, frame: Frame, output: Output): Flow {
  frame.rendering.spend();
  switch (statement.kind) {
    case 'text':
      output.add(statement.text);
      return undefined;
    case 'print':
      output.add(evaluate(statement.value, frame));
      return undefined;
    case 'if': {
      const branch = statement.branches.find(({ test }) => truth(evaluate(test, frame)));
      return run(branch?.body ?? statement.otherwise, frame, output);
    }
    case 'for':
      return runFor(statement, frame, output, defined(evaluate(statement.items, frame)), 0);
    case 'set':
      assign(statement.target, evaluate(statement.value, frame), frame);
      return undefined;
    case 'set-block':
      assign(statement.target, filtered(statement.body, statement.filters, frame), frame);
      return undefined;
    case 'filter-block':
      output.add(filtered(statement.body, statement.filters, frame));
      return undefined;
    case 'with': {
      const inner = frame.inner();
      for (const { target, value } of statement.values) assign(target, evaluate(value, frame), inner);
      return run(statement.body, inner, output);
    }
    case 'macro':
      frame.set(statement.name, renderMacro(statement, frame, renderBody));
      return undefined;
    case 'do':
      defined(evaluate(statement.value, frame));
      return undefined;
    default:
      return statement.kind;
  }
}

function filtered(body: readonly Statement[], filters: readonly NamedCall[], frame: Frame): unknown {
  let value: unknown = renderBody(body, frame.inner());
  for (const filter of filters) value = evaluateFilter(filter, value, frame);
  return value;
}

function runFor(statement: StatementOf<'for'>, frame: Frame, output: Output, source: unknown, depth: number): Flow {
  const inner = frame.inner();
  let items = asList(source);
  if (statement.condition) {
    const { condition } = statement;
    items = items.filter((item) => {
      assign(statement.target, item, inner);
      return truth(evaluate(condition, inner));
    });
  }
  frame.rendering.spend(items);
  if (items.length === 0) return run(statement.otherwise, frame, output);
  if (depth > 50) throw new Fault('the loop calls itself more than 50 levels deep');
  const descend = (children: unknown, level: number): unknown => {
    const text = new Output();
    runFor(statement, frame, text, defined(children), level);
    return text.value;
  };
  const loop = new LoopState(items, depth, statement.recursive ? descend : undefined);
  for (const [index, item] of items.entries()) {
    const round = frame.inner();
    loop.moveTo(index);
    round.set('loop', loop);
    assign(statement.target, item, round);
    if (run(statement.body, round, output) === 'break') break;
  }
  return undefined;
}

/** Binds a target of `for`, `set` or `with`. */
function assign(target: Target, value: unknown, frame: Frame): void {
  if (target.kind === 'name') {
    frame.set(target.name, value);
    return;
  }
  withPlace(target.at, () => {
    if (target.kind === 'member') {
      const namespace = defined(frame.get(target.namespace, target.at));
      if (!(namespace instanceof Namespace)) {
        const hint = 'only what namespace(...) made can be assigned to';
        throw new Fault(`'${target.namespace}' is a ${typeName(namespace)}`, { hint });
      }
      namespace.attributes.set(target.name, value);
      return;
    }
    const items = asList(value);
    if (items.length !== target.targets.length) {
      throw new Fault(`${target.targets.length} names cannot take ${items.length} values`);
    }
    target.targets.forEach((inner, index) => {
      assign(inner, items[index], frame);
    });
  });
}
