import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';
import ts from 'typescript';

/** What a module says of itself to people. */
const told = ['summary', 'notes', 'examples'];

/**
 * Modules without their documentation, which is for the workstation: agents would carry 70 kB of it to each host. What goes is
 * `.describe(...)` of a parameter, and `summary`, `notes` and `examples` of a module.
 */
export const noDocs: Plugin = {
  name: 'no-docs',
  setup: ({ onLoad }) => {
    onLoad({ filter: /agent\/modules\/.*\.ts$/ }, ({ path }) => ({
      contents: withoutDocs(path, readFileSync(path, 'utf8')),
      loader: 'ts',
    }));
  },
};

function withoutDocs(path: string, text: string): string {
  const cuts: (readonly [start: number, end: number])[] = [];
  const visit = (node: ts.Node): void => {
    const end = described(node);
    if (end !== undefined) cuts.push([end, node.end]);
    const tells = ts.isPropertyAssignment(node) && told.includes(node.name.getText()) && isModule(node.parent);
    if (tells) cuts.push([node.pos, node.end + (text[node.end] === ',' ? 1 : 0)]);
    else ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
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

/** Where `field` of `field.describe('...')` ends; undefined for all else. */
function described(node: ts.Node): number | undefined {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  return node.expression.name.text === 'describe' ? node.expression.expression.end : undefined;
}

/** What describes a module has a name and parameters, or attributes of a link. */
function isModule(node: ts.Node): boolean {
  if (!ts.isObjectLiteralExpression(node)) return false;
  const names = node.properties.map((property) => property.name?.getText());
  return (
    names.includes('examples') && (names.includes('params') || names.includes('attributes') || names.includes('form'))
  );
}
