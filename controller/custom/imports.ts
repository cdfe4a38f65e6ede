/** What a text of Python imports, by full name. */
export interface Import {
  readonly module: string;
  /** What is taken from it, which may be modules themselves. */
  readonly names: readonly string[];
  /** The text goes on without it, where it is not there: it stands in a `try`, a condition or a function. */
  readonly optional: boolean;
}

const from = /^([ \t]*)from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]*(?:\(([^)]*)\)|((?:[^\n\\]|\\\r?\n)*))/gm;
const plain = /^([ \t]*)import[ \t]+([^\n#;]+)/gm;
/** What only programs that check types look at. */
const typesOnly = /^if[ \t]+(?:\w+\.)?TYPE_CHECKING[ \t]*:.*(?:\n(?:[ \t]+.*|[ \t]*(?=\n)))*/gm;

/**
 * Imports of a Python text, as far as they are statements by themselves.
 *
 * @param within full name of the package that the text stands in; what starts with a point is taken from there
 */
export function importsOf(text: string, within = ''): readonly Import[] {
  const all: Import[] = [];
  const read = text.replace(typesOnly, '');
  for (const [, indent = '', module = '', listed, line = ''] of read.matchAll(from)) {
    const names = (listed ?? line).replace(/#.*$/gm, '').replaceAll('\\', ' ');
    all.push({ module: absolute(module, within), names: namesIn(names), optional: indent !== '' });
  }
  for (const [, indent = '', modules = ''] of read.matchAll(plain)) {
    for (const module of namesIn(modules)) all.push({ module, names: [], optional: indent !== '' });
  }
  return all;
}

/** `a, b as c`: a and b. */
function namesIn(text: string): string[] {
  return text.split(',').flatMap((part) => part.trim().split(/\s+/)[0] || []);
}

/** `..x` from within `a.b` is `a.x`. */
function absolute(module: string, within: string): string {
  const [points = ''] = /^\.*/.exec(module) ?? [];
  if (points === '') return module;
  const parts = within.split('.');
  const above = parts.slice(0, parts.length - points.length + 1);
  return [...above, module.slice(points.length)].filter(Boolean).join('.');
}
