import { type Alias, isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import type { FilePlace } from '../../proto/errors.ts';
import type { Origin, Path } from './located.ts';
import type { SourceText } from './place.ts';
import { type ScalarStyle, sourceOffset } from './text-offsets.ts';

/** True for the plain key `<<`, which takes in the keys of other mappings. */
export function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === 'PLAIN' && key.source === '<<';
}

/** Where each alias leads, as found while the data was built. */
export type AliasTargets = ReadonlyMap<Alias, Node>;

interface Step {
  readonly key: Node | undefined;
  readonly value: Node | undefined;
}

const styles: Readonly<Record<string, ScalarStyle>> = {
  PLAIN: 'plain',
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
};

/** Positions of the data of one YAML document; nothing is worked out before it is asked for. */
export class YamlOrigin implements Origin {
  readonly file: string;
  readonly #source: SourceText;
  readonly #root: Node | undefined;
  readonly #targets: AliasTargets;
  readonly #keys = new Map<YAMLMap, Map<string, Pair>>();

  constructor(source: SourceText, root: Node | undefined, targets: AliasTargets) {
    this.file = source.file;
    this.#source = source;
    this.#root = root;
    this.#targets = targets;
  }

  place(path: Path, part: 'key' | 'value' = 'value'): FilePlace {
    const step = this.#find(path);
    const node = part === 'key' ? (step.key ?? step.value) : (step.value ?? step.key);
    return this.#source.place(node?.range?.[0] ?? 0);
  }

  placeInText(path: Path, line: number, column: number): FilePlace {
    const node = this.#follow(this.#find(path).value);
    if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return this.place(path);
    const value = node.source ?? node.value;
    let index = 0;
    for (let n = 1; n < line; n++) index = value.indexOf('\n', index) + 1 || value.length;
    index = Math.min(index + column - 1, value.length);
    const [start, end] = node.range;
    const style = styles[node.type ?? ''] ?? 'block';
    return this.#source.place(start + sourceOffset(value, this.#source.text.slice(start, end), style, index));
  }

  /** The key and value at a path, or the nearest ancestor's. */
  #find(path: Path): Step {
    let step: Step = { key: undefined, value: this.#root };
    for (const part of path) {
      const next = this.#child(this.#follow(step.value), part);
      if (!next) return step;
      step = next;
    }
    return step;
  }

  #child(node: Node | undefined, part: string | number): Step | undefined {
    if (isSeq(node)) {
      const item = node.items[Number(part)];
      return isNode(item) ? { key: undefined, value: item } : undefined;
    }
    if (!isMap(node)) return undefined;
    const pair = this.#pairs(node).get(String(part));
    if (pair) return { key: nodeOf(pair.key), value: nodeOf(pair.value) };
    for (const { key, value } of node.items.toReversed()) {
      if (!isMergeKey(key)) continue;
      const from = this.#follow(nodeOf(value));
      for (const merged of isSeq(from) ? from.items : [from]) {
        const found = this.#child(this.#follow(nodeOf(merged)), part);
        if (found) return found;
      }
    }
    return undefined;
  }

  #pairs(map: YAMLMap): Map<string, Pair> {
    let pairs = this.#keys.get(map);
    if (!pairs) {
      pairs = new Map();
      for (const pair of map.items) {
        if (isScalar(pair.key) && !isMergeKey(pair.key)) pairs.set(String(pair.key.source), pair);
      }
      this.#keys.set(map, pairs);
    }
    return pairs;
  }

  #follow(node: Node | undefined): Node | undefined {
    return isAlias(node) ? this.#targets.get(node) : node;
  }
}

function nodeOf(value: unknown): Node | undefined {
  return isNode(value) ? value : undefined;
}
