import { evaluate } from './evaluator.ts';
import { Fault } from './fault.ts';
import type { Frame } from './frame.ts';
import { bind } from './signature.ts';
import type { Statement, StatementOf } from './tree.ts';
import { Callable, Undefined } from './values.ts';

const maximalDepth = 50;
const depths = new WeakMap<object, number>();

/** A macro as something to call; it sees the names around its definition, and its parameters. */
export function renderMacro(
  macro: StatementOf<'macro'>,
  outside: Frame,
  render: (body: readonly Statement[], frame: Frame) => unknown,
): Callable {
  const names = macro.parameters.map(({ name }) => name);
  const takes = { names, required: 0, byPosition: names.length, rest: false, options: false };
  return new Callable(macro.name, (given) => {
    const { rendering } = outside;
    const depth = depths.get(rendering) ?? 0;
    if (depth >= maximalDepth) throw new Fault(`macros call each other more than ${maximalDepth} levels deep`);
    const bound = bind(`macro '${macro.name}'`, takes, given);
    const frame = outside.inner();
    macro.parameters.forEach(({ name, fallback }, index) => {
      const missing = () => new Undefined(`'${name}' was not passed to macro '${macro.name}'`, '', () => []);
      frame.set(name, bound[index] ?? (fallback ? evaluate(fallback, frame) : missing()));
    });
    depths.set(rendering, depth + 1);
    try {
      return render(macro.body, frame);
    } finally {
      depths.set(rendering, depth);
    }
  });
}
