import { Fault, within } from '../fault.ts';
import type { MacroBody, Statement } from '../parse/tree.ts';
import { Callable, type Given, Tuple, Undefined } from '../python/values.ts';
import { evaluate } from './evaluator.ts';
import type { Frame } from './frame.ts';
import { bind } from './signature.ts';

/** A macro, or the body of a `call`, as something to call; it sees the names around its definition and its parameters. */
export function macroOf(
  name: string,
  { parameters, body, uses }: MacroBody,
  outside: Frame,
  render: (body: readonly Statement[], frame: Frame) => unknown,
): Callable {
  const names = parameters.map((parameter) => parameter.name);
  const takes = {
    names,
    required: 0,
    byPosition: names.length,
    rest: uses.has('varargs'),
    options: uses.has('kwargs'),
  };
  const call = ({ positional, named }: Given): unknown => {
    const caller = named.get('caller');
    if (caller !== undefined && !uses.has('caller')) throw new Fault(`macro '${name}' has no caller()`);
    const others = new Map(named);
    others.delete('caller');
    const bound = bind(`macro '${name}'`, takes, { positional, named: others });
    const frame = outside.inner();
    if (uses.has('caller')) frame.set('caller', caller ?? missing(`macro '${name}' was not called by '{% call %}'`));
    if (takes.options) frame.set('kwargs', bound.pop());
    if (takes.rest) frame.set('varargs', Tuple.from(bound.pop() as unknown[]));
    parameters.forEach((parameter, index) => {
      const { fallback } = parameter;
      const given = bound[index];
      if (given !== undefined) frame.set(parameter.name, given);
      else if (fallback) frame.set(parameter.name, evaluate(fallback, frame));
      else frame.set(parameter.name, missing(`'${parameter.name}' was not passed to macro '${name}'`));
    });
    return outside.rendering.nested(() => within(outside.source, () => render(body, frame) ?? null));
  };
  const attributes: readonly (readonly [string, unknown])[] = [
    ['name', name],
    ['arguments', Tuple.from(names)],
    ['catch_kwargs', takes.options],
    ['catch_varargs', takes.rest],
    ['caller', uses.has('caller')],
  ];
  return new Callable(name, call, new Map(attributes));
}

const missing = (message: string) => new Undefined(message, '', () => []);
