import { isWholeTemplate, parseBareExpression } from '../template/compile.ts';

/** Filters whose result has texts of what they are given, and no others. */
const passing = new Set([
  ...['default', 'd', 'string', 'list', 'first', 'last', 'min', 'max', 'select', 'reject', 'selectattr', 'rejectattr'],
  ...['sort', 'reverse', 'unique', 'flatten', 'combine', 'ternary'],
]);

/** Variables that no inventory says. */
const magic = new Set(['inventory_hostname', 'inventory_hostname_short', 'group_names', 'groups', 'hostvars']);

type Node = Readonly<Record<string, unknown>>;

function nodesOf(value: unknown): Node[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(nodesOf);
  return 'kind' in value ? [value as Node, ...inner] : inner;
}

function makesTexts({ kind, name }: Node): boolean {
  if (kind === 'filter') return !passing.has(String(name));
  if (kind === 'name') return magic.has(String(name));
  return kind === 'concat' || kind === 'binary' || kind === 'call' || kind === 'slice';
}

function holds(value: unknown, texts: ReadonlySet<unknown>): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some((item) => holds(item, texts));
  return texts.has(value);
}

/** True where the value of an expression has no texts but those of variables, which may stand for templates; texts that are made never do. */
export function passesOn(expression: string, value: unknown): boolean {
  if (isWholeTemplate(expression)) return false;
  const nodes = nodesOf(parseBareExpression(expression));
  if (nodes.some(makesTexts)) return false;
  const texts = nodes.flatMap((node) => (typeof node.value === 'string' ? [node.value] : []));
  return !holds(value, new Set(texts));
}
