import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';
import ts from 'typescript';
import { agentSources } from './agent-sources.ts';
import { type Cut, cutOut, replacedIn, treeOf } from './cut-out.ts';

/**
 * Classes of libraries without those members that neither they themselves nor any file of the agent mentions. An agent checks by
 * schemas, in a few ways; zod's can do much more, and a bundler does not see which of their methods nobody calls.
 */
export const askedMembers: Plugin = {
  name: 'asked-members',
  setup: ({ onLoad }) => {
    const asking = agentSources();
    onLoad({ filter: /\/zod\/v4\/classic\/schemas\.js$/ }, ({ path }) => {
      const text = replacedIn(path, readFileSync(path, 'utf8'), ofZod);
      return { contents: withoutUnasked(path, text, asking) };
    });
    onLoad({ filter: /\/protobuf\/dist\/esm\/wire\/binary-encoding\.js$/ }, ({ path }) => ({
      contents: withoutUnasked(path, readFileSync(path, 'utf8'), asking),
    }));
  },
};

/** What would be asked by zod itself, for nothing. */
const ofZod: readonly (readonly [part: RegExp, instead: string])[] = [
  [/^ +inst\._zod\.processJSONSchema = .*\n/gm, ''],
  // As one name among others it would be a whole object, with all helpers that zod has.
  [/^import \{ util \} from "\.\.\/core\/index\.js";$/m, 'import * as util from "../core/util.js";'],
  [/\bcore\.util\./g, 'util.'],
  // What makes programs of schemas, of which agents make none (see plain-schemas.ts).
  [/\bcore\.\$ZodObjectJIT\b/, 'core.$ZodObject'],
  // What knows again values that hold themselves, as no JSON does.
  [/^ +if \(!core\.globalConfig\.memoizer\)\n.*\n/m, ''],
];

function withoutUnasked(path: string, text: string, asking: readonly string[]): string {
  const own = text.match(/\b(?:this|inst)\??\.\w+/g) ?? [];
  const asked = new Set([...own, ...asking].flatMap((said) => said.match(/(?<=\.)\w+/g) ?? []));
  const cuts: Cut[] = [];
  const visit = (node: ts.Node): void => {
    if (isMember(node) && !asked.has(node.name?.getText() ?? '')) {
      cuts.push([node.pos, node.end + (text[node.end] === ',' ? 1 : 0)]);
    } else {
      ts.forEachChild(node, visit);
    }
  };
  visit(treeOf(path, text));
  return cutOut(text, cuts);
}

/** Of a class, or of what zod makes a class of. */
function isMember(node: ts.Node): node is ts.ObjectLiteralElement | ts.MethodDeclaration {
  if (ts.isMethodDeclaration(node) && ts.isClassDeclaration(node.parent)) return true;
  if (!ts.isObjectLiteralElement(node) || !ts.isCallExpression(node.parent.parent)) return false;
  return /\.(?:\$constructor|derived)$/.test(node.parent.parent.expression.getText());
}
