import { Fault, within } from '../fault.ts';
import type { NamedCall, Source, Statement, StatementOf } from '../parse/tree.ts';
import { attributeOf } from '../python/access.ts';
import { asList } from '../python/coerce.ts';
import { truth } from '../python/compare.ts';
import { printedText } from '../python/text.ts';
import { Callable, defined, MemberHolder } from '../python/values.ts';
import { assign } from './assign.ts';
import { evaluate, evaluateCall, evaluateFilter } from './evaluator.ts';
import { findTemplate, neededTemplate } from './find-template.ts';
import { Frame } from './frame.ts';
import { LoopState } from './loop.ts';
import { macroOf } from './macro.ts';
import { Output } from './output.ts';
import { TemplateModule } from './template-module.ts';

type Flow = 'break' | 'continue' | undefined;

/** Renders a whole template, with those that it extends; names that it sets stay in `top`. */
export function renderTemplate(source: Source, top: Frame): unknown {
  const output = new Output();
  runTemplate(source, top, output);
  return output.value;
}

function runTemplate(source: Source, top: Frame, output: Output): void {
  const { unit } = top;
  for (let next: Source | undefined = source; next !== undefined; next = unit.parent) {
    const current = next;
    unit.parent = undefined;
    unit.define(current);
    if (unit.blockNames.length > 0) top.set('self', new BlockReferences(top));
    within(current, () => run(current.body, current === source ? top : top.as(current), output));
    output.closed = false;
  }
}

/** Renders statements; names that they set stay in `frame`. One printed value is itself, more are text. */
function renderBody(body: readonly Statement[], frame: Frame): unknown {
  const output = new Output();
  run(body, frame, output);
  return output.value;
}

function run(body: readonly Statement[], frame: Frame, output: Output): Flow {
  for (const statement of body) {
    try {
      const flow = runOne(statement, frame, output);
      if (flow) return flow;
    } catch (error) {
      if (error instanceof Fault) error.at ??= statement.at;
      throw error;
    }
  }
  return undefined;
}

function runOne(statement: Statement, frame: Frame, output: Output): Flow {
  frame.rendering.spend();
  switch (statement.kind) {
    case 'text':
      output.add(statement.text);
      return undefined;
    case 'print':
      if (!output.closed) output.add(evaluate(statement.value, frame));
      return undefined;
    case 'if': {
      const branch = statement.branches.find(({ test }) => truth(evaluate(test, frame)));
      return run(branch?.body ?? statement.otherwise, frame, output);
    }
    case 'for':
      return runFor(statement, frame, output, evaluate(statement.items, frame), 0);
    case 'set':
      assign(statement.target, evaluate(statement.value, frame), frame);
      return undefined;
    case 'set-block':
      assign(statement.target, filtered(statement.body, statement.filters, frame), frame);
      return undefined;
    case 'filter-block':
      output.add(filtered(statement.body, statement.filters, frame));
      return undefined;
    case 'scope':
      return run(statement.body, frame.inner(), output);
    case 'with': {
      const inner = frame.inner();
      // The values see the names outside, not each other.
      const values = statement.values.map(({ value }) => evaluate(value, frame));
      statement.values.forEach(({ target }, index) => {
        assign(target, values[index], inner);
      });
      return run(statement.body, inner, output);
    }
    case 'macro':
      frame.set(statement.name, macroOf(statement.name, statement, frame, renderBody));
      return undefined;
    case 'call-block':
      if (!output.closed)
        output.add(evaluateCall(statement.call, frame, macroOf('caller', statement, frame, renderBody)));
      return undefined;
    case 'include':
      if (!output.closed) runInclude(statement, frame, output);
      return undefined;
    case 'import':
      frame.set(statement.name, importModule(statement, frame));
      return undefined;
    case 'from-import': {
      const module = importModule(statement, frame);
      for (const { name, as } of statement.names) frame.set(as, attributeOf(module, name, statement.at));
      return undefined;
    }
    case 'extends':
      runExtends(statement, frame, output);
      return undefined;
    case 'block':
      if (!output.closed) runBlock(statement, frame, output);
      return undefined;
    case 'do':
      defined(evaluate(statement.value, frame));
      return undefined;
    default:
      return statement.kind;
  }
}

function runInclude(statement: StatementOf<'include'>, frame: Frame, output: Output): void {
  const source = statement.ignoreMissing
    ? findTemplate(evaluate(statement.template, frame), frame)
    : neededTemplate(statement.template, frame);
  if (!source) return;
  const { rendering } = frame;
  const top = Frame.top(rendering, source, statement.withContext ? frame : undefined, statement.withContext);
  rendering.nested(() => runTemplate(source, top, output));
}

function importModule(statement: StatementOf<'import' | 'from-import'>, frame: Frame): TemplateModule {
  const source = neededTemplate(statement.template, frame);
  const { rendering } = frame;
  const top = Frame.top(rendering, source, statement.withContext ? frame : undefined, statement.withContext);
  return new TemplateModule(top.own, printedText(rendering.nested(() => renderTemplate(source, top))));
}

function runExtends(statement: StatementOf<'extends'>, frame: Frame, output: Output): void {
  const { unit } = frame;
  if (unit.parent) throw new Fault('a template can extend one other only');
  unit.parent = neededTemplate(statement.template, frame);
  output.closed = true;
}

function runBlock({ name, scoped }: StatementOf<'block'>, frame: Frame, output: Output): void {
  const [first] = frame.unit.definitions(name);
  if (!first) return;
  if (first.block.required) throw new Fault(`the required block '${name}' is not defined`);
  runDefinition(name, 0, scoped ? frame : frame.top, output);
}

/** Runs one definition of a block; `super()` in it is the next one. */
function runDefinition(name: string, index: number, around: Frame, output: Output): void {
  const found = around.unit.definitions(name)[index];
  if (!found) throw new Fault(`block '${name}' has no other definition that super() could call`);
  const { block, source } = found;
  const frame = around.inner(source);
  const rendered = (level: number) => {
    const text = new Output();
    runDefinition(name, level, around, text);
    return text.value ?? '';
  };
  const superOf = (level: number): Callable => {
    const further = around.unit.definitions(name).length > level + 1;
    return new Callable('super', () => rendered(level), new Map(further ? [['super', superOf(level + 1)]] : []));
  };
  frame.set('super', superOf(index + 1));
  frame.set('self', new BlockReferences(around));
  around.rendering.nested(() => within(source, () => run(block.body, frame, output)));
}

/** `self`: the template's blocks, to call. */
class BlockReferences extends MemberHolder {
  readonly title = "'self'";
  readonly #frame: Frame;

  constructor(frame: Frame) {
    super();
    this.#frame = frame;
  }

  member(name: string): unknown {
    const { top } = this.#frame;
    if (top.unit.definitions(name).length === 0) return undefined;
    return new Callable(name, () => {
      const output = new Output();
      runDefinition(name, 0, top, output);
      return output.value ?? '';
    });
  }

  get memberNames(): readonly string[] {
    return this.#frame.unit.blockNames;
  }
}

function filtered(body: readonly Statement[], filters: readonly NamedCall[], frame: Frame): unknown {
  const output = new Output(true);
  run(body, frame.inner(), output);
  let value = output.value;
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
    runFor(statement, frame, text, children, level);
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
