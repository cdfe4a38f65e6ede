import { hasTemplate, parseBareExpression, parseTemplate } from './compile.ts';
import { lineAndColumn } from './fault.ts';
import { TemplateError } from './types.ts';

/** A text with {{ }} in it, or a bare expression as `when:` holds it. */
export type TextKind = 'template' | 'expression';

/** A variable that a text reads; line and column count from 1 inside the text. */
export interface FreeName {
  readonly name: string;
  readonly line: number;
  readonly column: number;
}

export interface FreeNames {
  readonly reads: readonly FreeName[];
  /** Names that are asked for with `is defined` or `| default`: the writer knows that they may be missing. */
  readonly guarded: ReadonlySet<string>;
}

/** What every template has without any variable. */
const globals: ReadonlySet<string> = new Set([
  ...['lookup', 'query', 'q', 'range', 'dict', 'namespace', 'cycler', 'joiner', 'loop', 'caller', 'varargs', 'kwargs'],
  ...['self', 'super', 'now', 'undef'],
]);

const none: FreeNames = { reads: [], guarded: new Set() };

interface Walk {
  readonly reads: { readonly name: string; readonly at: number }[];
  readonly bound: Set<string>;
  readonly guarded: Set<string>;
}

type Node = Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

/** The variable at the start of `a.b[c]`. */
function root(node: unknown): string | undefined {
  let inner = node;
  while (isNode(inner) && (inner.kind === 'attribute' || inner.kind === 'item')) inner = inner.object;
  return isNode(inner) && inner.kind === 'name' ? String(inner.name) : undefined;
}

/** What stands in a guarded expression: a filter that gets something undefined, as its value or an argument, gives that on. */
function guard(node: unknown, guarded: Set<string>): void {
  if (Array.isArray(node)) for (const each of node) guard(each, guarded);
  if (!isNode(node)) return;
  const name = root(node);
  if (name !== undefined) guarded.add(name);
  else if (node.kind === 'attribute' || node.kind === 'item') guard(node.object, guarded);
  else if (node.kind === 'filter') guard([node.value, isNode(node.args) && node.args.positional], guarded);
}

function isGuard({ kind, name }: Node): boolean {
  if (kind === 'test') return name === 'defined' || name === 'undefined';
  return kind === 'filter' && (name === 'default' || name === 'd');
}

/** Names that a target of `for`, `set` or `with`, or a macro, makes. */
function bind(target: unknown, bound: Set<string>): void {
  if (Array.isArray(target)) for (const each of target) bind(each, bound);
  else if (isNode(target) && target.kind === 'unpack') bind(target.targets, bound);
  else if (isNode(target) && typeof target.name === 'string') bound.add(target.name);
}

function bindImported(names: unknown, bound: Set<string>): void {
  if (Array.isArray(names)) for (const each of names) if (isNode(each)) bound.add(String(each.as));
}

/** Walks any part of a parsed tree; only names, what binds them and guards have a meaning here. */
function visit(node: unknown, walk: Walk): void {
  if (Array.isArray(node)) for (const each of node) visit(each, walk);
  if (!isNode(node) || Array.isArray(node)) return;
  if (node.kind === 'name') {
    walk.reads.push({ name: String(node.name), at: Number(node.at) });
    return;
  }
  if (node.kind === 'macro' || node.kind === 'import') bind(node, walk.bound);
  if (node.kind === 'macro' || node.kind === 'call-block') bind(node.parameters, walk.bound);
  if (node.kind === 'from-import') bindImported(node.names, walk.bound);
  if (isGuard(node)) guard(node.value, walk.guarded);
  for (const [key, part] of Object.entries(node)) {
    if (key === 'target') bind(part, walk.bound);
    else visit(part, walk);
  }
}

const known = new Map<string, FreeNames>();

/** Variables that a text of a playbook reads; texts that can't be parsed read none. */
export function freeNames(text: string, kind: TextKind): FreeNames {
  if (kind === 'template' && !hasTemplate(text)) return none;
  const key = `${kind}\0${text}`;
  let names = known.get(key);
  if (!names) {
    names = parseNames(text, kind);
    known.set(key, names);
  }
  return names;
}

function parseNames(text: string, kind: TextKind): FreeNames {
  const walk: Walk = { reads: [], bound: new Set(), guarded: new Set() };
  try {
    visit(kind === 'template' ? parseTemplate(text) : parseBareExpression(text), walk);
  } catch (error) {
    if (error instanceof TemplateError) return none;
    throw error;
  }
  const reads = walk.reads
    .filter(({ name }) => !walk.bound.has(name) && !walk.guarded.has(name) && !globals.has(name))
    .map(({ name, at }) => ({ name, ...lineAndColumn(text, at) }));
  return { reads, guarded: walk.guarded };
}
