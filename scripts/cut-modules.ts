import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';
import ts from 'typescript';
import { agentSources } from './agent-sources.ts';
import { type Cut, cutOut, treeOf } from './cut-out.ts';

/** Parts of a module, an action, or of what a kind of link has beside attributes. */
const parts = {
  /** What it says of itself to people, which `orch doc` shows; and `.describe(...)` of each parameter. */
  docs: ['summary', 'notes', 'examples'],
  /** How playbooks write its parameters. */
  language: ['aliases', 'freeForm'],
  /** What it does: modules on a host, actions on the workstation. */
  work: ['objects', 'makes', 'read', 'plan', 'repeats', 'run', 'lost', 'remake'],
} as const;

type Part = keyof typeof parts;

/**
 * Modules (and actions) without what a program has no use for, nor for what only that needs. Agents would carry 70 kB of
 * documentation to each host; the workstation checks tasks by schemas, and would read and evaluate a ninth more of its program.
 */
export function cutModules(ofModules: readonly Part[], ofActions: readonly Part[]): Plugin {
  const setup: Plugin['setup'] = ({ onLoad }) => {
    const asked = ofModules.includes('language') && /[^.]\.(?:aliases|freeForm)\b/.exec(agentSources().join('\n'));
    if (asked) throw new Error(`the agent asks a module for ${asked[0]}, which it is built without`);
    const cutting = (filter: RegExp, cut: readonly Part[]) =>
      onLoad({ filter }, ({ path }) => ({ contents: without(cut, path, readFileSync(path, 'utf8')), loader: 'ts' }));
    cutting(/\/agent\/modules\/.*\.ts$/, ofModules);
    cutting(/\/controller\/(?:actions|reach)\/.*\.ts$/, ofActions);
  };
  return { name: 'cut-modules', setup };
}

function without(cut: readonly Part[], path: string, text: string): string {
  const cuts: Cut[] = [];
  const visit = (node: ts.Node): void => {
    const found =
      (cut.includes('docs') ? described(node) : undefined) ?? (isPart(node, cut) ? whole(node, text) : undefined);
    if (found) cuts.push(found);
    // Of a field that is described, all but that is looked through.
    if (!found || ts.isCallExpression(node)) ts.forEachChild(node, visit);
  };
  visit(treeOf(path, text));
  return cutOut(text, cuts);
}

/** `.describe('...')` of a field. */
function described(node: ts.Node): Cut | undefined {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  return node.expression.name.text === 'describe' ? [node.expression.expression.end, node.end] : undefined;
}

/** A member with its comma. */
function whole(node: ts.Node, text: string): Cut {
  return [node.pos, node.end + (text[node.end] === ',' ? 1 : 0)];
}

function isPart(node: ts.Node, cut: readonly Part[]): boolean {
  if (!ts.isObjectLiteralElement(node) || !ts.isObjectLiteralExpression(node.parent)) return false;
  const names = namesOf(node.parent);
  const name = node.name?.getText() ?? '';
  if (isModule(names)) return cut.some((part) => (parts[part] as readonly string[]).includes(name));
  return isExtra(names) && cut.includes('work') && (parts.work as readonly string[]).includes(name);
}

function namesOf(literal: ts.ObjectLiteralExpression): readonly (string | undefined)[] {
  return literal.properties.map((property) => property.name?.getText());
}

/** What describes a module or an action has a name and parameters, or attributes of a link. */
function isModule(names: readonly (string | undefined)[]): boolean {
  return names.includes('examples') && ['params', 'attributes', 'form'].some((name) => names.includes(name));
}

/** What a kind of link has beside attributes. */
function isExtra(names: readonly (string | undefined)[]): boolean {
  return ['fields', 'read', 'remake'].every((name) => names.includes(name));
}
