import { hasTemplate, parseBareExpression, parseTemplate } from '../compile.ts';
import { lineAndColumn } from '../fault.ts';
import { TemplateError } from '../types.ts';

/** A text with {{ }} in it, or a bare expression as `when:` holds it. */
export type TextKind = 'template' | 'expression';

/** A variable that a text reads; line and column count from 1 inside the text. */
export interface FreeName {
  readonly name: string;
  /** Keys and indices of the one member that is read; undefined where only the run knows it. */
  readonly members: readonly (string | number)[] | undefined;
  /** It stands in a branch that may not be taken. */
  readonly perhaps: boolean;
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
  ...['self', 'super', 'now', 'undef', 'undecryptable', 'lipsum'],
]);

const none: FreeNames = { reads: [], guarded: new Set() };

interface Walk {
  readonly reads: (Omit<FreeName, 'line' | 'column'> & { readonly at: number })[];
  readonly bound: Set<string>;
  readonly guarded: Set<string>;
  /** Names that are arguments in a guarded expression: they may be missing there. */
  readonly excused: Set<Node>;
  readonly perhaps: boolean;
}

type Node = Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

/** A variable and the one member of it that `a.b[0].c` names. */
interface Chain {
  readonly root: Node;
  readonly members: FreeName['members'];
}

function chainOf(node: unknown): Chain | undefined {
  if (!isNode(node)) return undefined;
  if (node.kind === 'name') return { root: node, members: [] };
  if (node.kind !== 'attribute' && node.kind !== 'item') return undefined;
  const chain = chainOf(node.object);
  const key =
    node.kind === 'attribute' ? node.name : isNode(node.key) && node.key.kind === 'constant' && node.key.value;
  const exact = typeof key === 'string' || typeof key === 'number';
  return chain && { ...chain, members: exact ? chain.members && [...chain.members, key] : undefined };
}

/** What stands in a guarded expression: a call, filter or test that gets something undefined, on any way, gives that on. */
function guard(node: unknown, walk: Walk, isArgument = false): void {
  if (!isNode(node)) return;
  const { kind, object, value, callee } = node;
  const chain = chainOf(node);
  if (chain && isArgument) walk.excused.add(chain.root);
  else if (chain) walk.guarded.add(String(chain.root.name));
  else if (kind === 'attribute' || kind === 'item') guard(object, walk, isArgument);
  else if (kind === 'filter' || kind === 'test' || kind === 'call') {
    guard(kind === 'call' ? receiverOf(callee) : value, walk, isArgument);
    for (const each of argumentsOf(node)) guard(each, walk, true);
  }
}

/** What a call or filter is given, and what stands in its lists: it may look at each. */
function argumentsOf({ args, value }: Node): readonly unknown[] {
  const { positional, named } = isNode(args) ? args : {};
  const list = isNode(value) && value.kind === 'list' && value;
  const given = [list, positional, Array.isArray(named) && named.map((each: unknown) => isNode(each) && each.value)];
  return given.flat().flatMap((each) => (isNode(each) && each.kind === 'list' ? each.items : [each]));
}

const receiverOf = (callee: unknown): unknown =>
  isNode(callee) && callee.kind === 'attribute' ? callee.object : callee;

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

/** Parts of an expression or a statement that may never be evaluated. */
function branchesOf({ kind, name, test }: Node): readonly string[] {
  if (kind === 'and' || kind === 'or') return ['right'];
  if (kind === 'condition') return ['yes', 'no'];
  if (kind === 'filter' && (name === 'ternary' || name === 'default' || name === 'd')) return ['args'];
  if (kind === 'if') return ['otherwise'];
  return kind === undefined && test !== undefined ? ['body'] : [];
}

/** Walks any part of a parsed tree; only names, what binds them, guards and branches have a meaning here. */
function visit(node: unknown, walk: Walk): void {
  if (Array.isArray(node)) for (const each of node) visit(each, walk);
  if (!isNode(node) || Array.isArray(node)) return;
  const chain = chainOf(node);
  if (chain) {
    const { root, members } = chain;
    const perhaps = walk.perhaps || walk.excused.has(root);
    walk.reads.push({ name: String(root.name), at: Number(root.at), members, perhaps });
    for (let inner = node; inner !== root; inner = inner.object as Node) visit(inner.key, walk);
    return;
  }
  if (node.kind === 'macro' || node.kind === 'import') bind(node, walk.bound);
  if (node.kind === 'macro' || node.kind === 'call-block') bind(node.parameters, walk.bound);
  if (node.kind === 'from-import') bindImported(node.names, walk.bound);
  if (isGuard(node)) guard(node.value, walk);
  const branches = branchesOf(node);
  for (const [key, part] of Object.entries(node)) {
    const { object, kind } = isNode(part) ? part : { object: undefined, kind: undefined };
    if (key === 'target') bind(part, walk.bound);
    // A method looks at all of what it belongs to.
    else if (key === 'callee' && kind === 'attribute') visit(object, walk);
    else visit(part, branches.includes(key) ? { ...walk, perhaps: true } : walk);
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
  const walk: Walk = { reads: [], bound: new Set(), guarded: new Set(), excused: new Set(), perhaps: false };
  try {
    visit(kind === 'template' ? parseTemplate(text) : parseBareExpression(text), walk);
  } catch (error) {
    if (error instanceof TemplateError) return none;
    throw error;
  }
  // A text that reads a name in a guarded expression alone was written with care, too.
  const needed = new Set(walk.reads.filter(({ perhaps }) => !perhaps).map(({ name }) => name));
  for (const name of [...walk.excused].map((root) => String(root.name)))
    if (!needed.has(name) && !walk.bound.has(name)) walk.guarded.add(name);
  const reads = walk.reads
    .filter(({ name }) => !walk.bound.has(name) && !walk.guarded.has(name) && !globals.has(name))
    .map(({ at, ...read }) => ({ ...read, ...lineAndColumn(text, at) }));
  return { reads, guarded: walk.guarded };
}
