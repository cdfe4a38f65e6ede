import ts from 'typescript';

/** From where to where a text is left out. */
export type Cut = readonly [start: number, end: number];

/** A text without some of its parts. */
export function cutOut(text: string, cuts: readonly Cut[]): string {
  let from = 0;
  const kept = cuts
    .toSorted(([a], [b]) => a - b)
    .map(([start, end]) => {
      const part = text.slice(from, start);
      from = end;
      return part;
    });
  return kept.join('') + text.slice(from);
}

/** A library's text with other parts instead of some; throws where it lacks one of them. */
export function replacedIn(
  path: string,
  text: string,
  parts: readonly (readonly [part: RegExp, instead: string])[],
): string {
  return parts.reduce((rest, [part, instead]) => {
    const replaced = rest.replace(part, instead);
    if (replaced === rest) throw new Error(`${path} lacks ${part}`);
    return replaced;
  }, text);
}

/** The tree of a source's text. */
export function treeOf(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

/**
 * A library's file (CommonJS) without what it declares by these names - functions, classes, methods - and without what only those
 * import. Throws where the file declares none by a name, or what is left of it still says one.
 */
export function withoutNames(path: string, text: string, names: readonly string[]): string {
  const found = new Set<string>();
  const cuts: Cut[] = [];
  const visit = (node: ts.Node): void => {
    const name = nameOf(node);
    if (name !== undefined && names.includes(name)) {
      found.add(name);
      cuts.push([node.pos, node.end]);
    } else {
      ts.forEachChild(node, visit);
    }
  };
  visit(treeOf(path, text));
  const rest = cutOut(text, cuts);
  const said = identifiersOf(treeOf(path, rest));
  const wrong = names.filter((name) => !found.has(name) || said.includes(name));
  if (wrong.length > 0) throw new Error(`${path} cannot be without: ${wrong.join(', ')}`);
  const imports = /^const (\w+) = require\(.*;\n/gm;
  return rest.replace(imports, (line, name) => (said.filter((other) => other === name).length > 1 ? line : ''));
}

/** Of what a node declares as a whole, or gives to importers. */
function nameOf(node: ts.Node): string | undefined {
  if (ts.isVariableStatement(node)) {
    const [variable, ...more] = node.declarationList.declarations;
    return more.length === 0 ? variable?.name.getText() : undefined;
  }
  if (ts.isExpressionStatement(node)) return /^exports\.(\w+) = \1;$/.exec(node.getText())?.[1];
  const declares = ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || ts.isMethodDeclaration(node);
  return declares ? node.name?.getText() : undefined;
}

/** All that a source says, but for names of an object's own members. */
function identifiersOf(tree: ts.SourceFile): readonly string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    const own = ts.isObjectLiteralElement(node.parent) && node.parent.name === node;
    if (ts.isIdentifier(node) && !own) names.push(node.text);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(tree, visit);
  return names;
}
