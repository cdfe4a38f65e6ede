import type { TokenStream } from './token-stream.ts';
import type { Target } from './tree.ts';

/** What `for` and `set` assign to: `a`, `a, b`, `(a, (b, c))` or a namespace's `ns.a`. */
export function parseTarget(stream: TokenStream): Target {
  const first = parseOne(stream);
  if (!stream.isOperator(',')) return first;
  const targets = [first];
  while (stream.skip(',') && (stream.is('name') || stream.isOperator('('))) {
    if (stream.isName('in')) break;
    targets.push(parseOne(stream));
  }
  return { kind: 'unpack', at: first.at, targets };
}

function parseOne(stream: TokenStream): Target {
  if (stream.skip('(')) {
    const inside = stream.nested(() => parseTarget(stream));
    stream.expect('operator', ')');
    return inside;
  }
  const reserved = ['in', 'if', 'else', 'and', 'or', 'not', 'is', 'true', 'false', 'none', 'True', 'False', 'None'];
  if (stream.isName(...reserved)) stream.fail('a name');
  const { at, value } = stream.expect('name');
  if (!stream.skip('.')) return { kind: 'name', at, name: value };
  return { kind: 'member', at, namespace: value, name: stream.expect('name').value };
}
