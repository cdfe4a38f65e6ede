import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { OrchError } from '../../proto/errors.ts';
import { Float } from '../template/float.ts';
import { openValue } from '../vault/vault.ts';
import { literal, literalData } from './literal.ts';
import type { SourceText } from './place.ts';
import { plainScalar } from './plain-scalar.ts';
import { isMergeKey } from './yaml-origin.ts';

/** More than any real file holds; what stops a few lines of aliases from growing without end. */
const mostNodes = 1_000_000;

type Data = Record<string, unknown>;

const tags: Readonly<Record<string, (text: string) => unknown>> = {
  'tag:yaml.org,2002:str': (text) => text,
  '!': (text) => text,
  'tag:yaml.org,2002:int': (text) => plainScalar(text),
  'tag:yaml.org,2002:float': (text) => Float.of(Number(plainScalar(text))),
  'tag:yaml.org,2002:bool': (text) => plainScalar(text),
  'tag:yaml.org,2002:null': () => null,
};

/** The error for `key: {{ x }}`, which YAML reads as a mapping inside a mapping. */
export function unquotedTemplate(source: SourceText, offset: number): OrchError {
  return new OrchError({
    code: 'yaml-unquoted-template',
    summary: `a value that starts with ${source.text.slice(offset, offset + 2)} must stand in quotes`,
    hint: 'write key: "{{ name }}", with quotes around the whole value',
    where: source.place(offset),
  });
}

/**
 * Builds plain data from the nodes of one document: maps without prototype, so that a key such as `__proto__` is only a
 * key. Collects every error and goes on with null in its place.
 */
export class YamlData {
  readonly errors: OrchError[] = [];
  readonly targets = new Map<Alias, Node>();
  readonly #source: SourceText;
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #nodes = 0;

  constructor(source: SourceText) {
    this.#source = source;
  }

  convert(node: unknown): unknown {
    if (++this.#nodes > mostNodes) {
      if (this.#nodes === mostNodes + 1) this.#error(node, 'the aliases of this file expand to too much data');
      return null;
    }
    if (isAlias(node)) return this.#alias(node);
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return null;
    if (node.anchor) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return this.#scalar(node);
    const { tag } = node;
    const known = ['tag:yaml.org,2002:map', 'tag:yaml.org,2002:seq', '!unsafe'];
    if (tag && !known.includes(tag)) this.#unknownTag(node, tag);
    this.#open.add(node);
    const value = isMap(node) ? this.#map(node) : this.#seq(node);
    this.#open.delete(node);
    return tag === '!unsafe' ? literalData(value) : value;
  }

  #scalar(node: Scalar): unknown {
    const text = node.source ?? '';
    if (node.tag === '!vault' || node.tag === '!vault-encrypted') return this.#opened(node, text);
    if (node.tag === '!unsafe') return literal(text);
    if (node.tag) {
      const resolve = tags[node.tag];
      if (resolve) return resolve(text);
      this.#unknownTag(node, node.tag);
      return null;
    }
    return node.type === 'PLAIN' ? plainScalar(text) : text;
  }

  #opened(node: Scalar, text: string): unknown {
    try {
      return openValue(`${text.trim()}\n`);
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
      const where = this.#source.place(node.range?.[0] ?? 0);
      this.errors.push(new OrchError({ code: error.code, summary: error.summary, hint: error.hint, where }));
      return null;
    }
  }

  #seq(node: YAMLSeq): unknown[] {
    return node.items.map((item) => this.convert(item));
  }

  #map(node: YAMLMap): unknown {
    const start = node.range?.[0] ?? 0;
    if (node.flow && this.#source.text.startsWith('{{', start)) {
      this.errors.push(unquotedTemplate(this.#source, start));
      return null;
    }
    const own: Data = Object.create(null);
    const merged: Data[] = [];
    const first = new Map<string, Node>();
    for (const { key, value } of node.items) {
      if (isMergeKey(key)) {
        merged.push(...this.#merge(value));
        continue;
      }
      const name = this.#key(key, node);
      if (name === undefined) continue;
      const before = first.get(name);
      if (before) this.#duplicate(name, before, key);
      first.set(name, key as Node);
      own[name] = this.convert(value);
    }
    if (merged.length === 0) return own;
    // Own keys win, then the first mapping that has the key.
    return Object.assign(Object.create(null), ...merged.reverse(), own);
  }

  #key(key: unknown, map: YAMLMap): string | undefined {
    if (isAlias(key)) {
      const value = this.convert(key);
      if (typeof value === 'string') return value;
    } else if (isScalar(key)) {
      if (key.anchor) this.#anchors.set(key.anchor, key);
      if (key.source) return key.source;
    } else if (isMap(key)) {
      // {{ x }}: the mapping inside explains itself.
      const before = this.errors.length;
      this.convert(key);
      if (this.errors.length > before) return undefined;
    }
    this.#error(isScalar(key) || isMap(key) || isSeq(key) ? key : map, 'a key must be a word or a text');
    return undefined;
  }

  #merge(value: unknown): Data[] {
    const data = this.convert(value);
    const all = Array.isArray(data) ? data : [data];
    const maps = all.filter((each): each is Data => typeof each === 'object' && each !== null && !Array.isArray(each));
    if (maps.length < all.length) this.#error(value, '<< takes a mapping or a list of mappings');
    return maps;
  }

  #alias(alias: Alias): unknown {
    const target = this.#anchors.get(alias.source);
    if (!target) {
      this.#error(alias, `there is no anchor &${alias.source} before this alias`);
      return null;
    }
    if (this.#open.has(target)) {
      this.#error(alias, `the alias *${alias.source} stands inside of what it names`);
      return null;
    }
    this.targets.set(alias, target);
    return this.convert(target);
  }

  #duplicate(name: string, before: Node, key: unknown): void {
    const { line } = this.#source.place(before.range?.[0] ?? 0);
    this.errors.push(
      new OrchError({
        code: 'yaml-duplicate-key',
        summary: `the key "${name}" stands twice in one mapping`,
        detail: `it is first set in line ${line}`,
        where: this.#source.place((key as Node).range?.[0] ?? 0),
      }),
    );
  }

  #unknownTag(node: Node, tag: string): void {
    this.#error(node, `the tag ${tag} is not supported`);
  }

  #error(node: unknown, summary: string): void {
    const range = (node as Node | undefined)?.range;
    this.errors.push(new OrchError({ code: 'yaml-syntax', summary, where: this.#source.place(range?.[0] ?? 0) }));
  }
}
