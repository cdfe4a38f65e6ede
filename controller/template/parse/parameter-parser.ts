import { Fault } from '../fault.ts';
import { parseExpression } from './expression-parser.ts';
import type { TokenStream } from './token-stream.ts';
import type { Parameter, SpecialName } from './tree.ts';

/** Parameters of a macro, or of the `caller` of a call block. */
export function parseParameters(stream: TokenStream): Parameter[] {
  const parameters: Parameter[] = [];
  stream.expect('operator', '(');
  while (!stream.skip(')')) {
    if (parameters.length > 0) stream.expect('operator', ',');
    const { at, value: name } = stream.expect('name');
    const fallback = stream.skip('=') ? parseExpression(stream) : undefined;
    if (!fallback && parameters.some((parameter) => parameter.fallback)) {
      throw new Fault(`'${name}' needs a default, as the parameter before it has`, { code: 'template-syntax', at });
    }
    parameters.push({ name, fallback });
  }
  return parameters;
}

const specialNames: ReadonlySet<unknown> = new Set<SpecialName>(['caller', 'varargs', 'kwargs']);

/** Special names that any part of a tree reads. */
export function specialNamesIn(node: unknown, found = new Set<SpecialName>()): Set<SpecialName> {
  if (typeof node !== 'object' || node === null) return found;
  if ('kind' in node && node.kind === 'name' && 'name' in node && specialNames.has(node.name)) {
    found.add(node.name as SpecialName);
  }
  for (const part of Object.values(node)) specialNamesIn(part, found);
  return found;
}
