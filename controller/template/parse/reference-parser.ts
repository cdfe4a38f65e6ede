// Tags that name another template.

import { Fault } from '../fault.ts';
import { parseExpression } from './expression-parser.ts';
import { closeBlock } from './tag.ts';
import type { TokenStream } from './token-stream.ts';
import type { Statement } from './tree.ts';

/** `with context` or `without context`, where `otherwise` is what holds when neither is said. */
function parseContext(stream: TokenStream, otherwise: boolean): boolean {
  if (!stream.isName('with', 'without') || stream.following.value !== 'context') return otherwise;
  const withContext = stream.next().value === 'with';
  stream.next();
  return withContext;
}

export function parseInclude(stream: TokenStream, at: number): Statement {
  const template = parseExpression(stream);
  const ignoreMissing = stream.isName('ignore') && stream.following.value === 'missing';
  if (ignoreMissing) {
    stream.next();
    stream.next();
  }
  const withContext = parseContext(stream, true);
  closeBlock(stream);
  return { kind: 'include', at, template, ignoreMissing, withContext };
}

export function parseImport(stream: TokenStream, at: number): Statement {
  const template = parseExpression(stream);
  if (!stream.skipName('as')) stream.fail("'as'");
  const name = stream.expect('name').value;
  const withContext = parseContext(stream, false);
  closeBlock(stream);
  return { kind: 'import', at, template, name, withContext };
}

export function parseFromImport(stream: TokenStream, at: number): Statement {
  const template = parseExpression(stream);
  if (!stream.skipName('import')) stream.fail("'import'");
  const names: { name: string; as: string }[] = [];
  while (!stream.is('block-end') && !stream.isName('with', 'without')) {
    if (names.length > 0 && !stream.skip(',')) stream.fail("',' or '%}'");
    if (stream.is('block-end') || (stream.isName('with', 'without') && stream.following.value === 'context')) break;
    const token = stream.expect('name');
    if (token.value.startsWith('_')) {
      throw new Fault('names that start with _ cannot be imported', { code: 'template-syntax', at: token.at });
    }
    names.push({ name: token.value, as: stream.skipName('as') ? stream.expect('name').value : token.value });
  }
  if (names.length === 0) stream.fail('a name');
  const withContext = parseContext(stream, false);
  closeBlock(stream);
  return { kind: 'from-import', at, template, names, withContext };
}

export function parseExtends(stream: TokenStream, at: number): Statement {
  const template = parseExpression(stream);
  closeBlock(stream);
  return { kind: 'extends', at, template };
}
