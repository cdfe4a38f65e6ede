import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { OrchError } from '../../proto/errors.ts';
import { Fault } from '../template/fault.ts';
import { type Integer, normal } from '../template/python/integer.ts';
import { dataKeys, withKeys } from '../template/python/mapping.ts';
import { cutBlock } from '../template/yaml/block-end.ts';
import { core, scalarTags } from '../template/yaml/yaml-tags.ts';
import { doubledKey } from './doubled-keys.ts';
import { unsafeMark, vaultMark } from './json-marks.ts';
import { literalData } from './literal.ts';
import type { SourceText } from './place.ts';
import { openedValue } from './sealed.ts';
import { isMergeKey } from './yaml-origin.ts';

/** More than any real file holds; what stops a few lines of aliases from growing without end. */
const mostNodes = 1_000_000;

type Data = Record<string, unknown>;

/** A key that is a whole number as everybody writes it is one; others are texts. */
function keyOf(key: unknown, name: string): string | Integer {
  const isWhole = isScalar(key) && key.type === 'PLAIN' && !key.tag && /^(?:0|-?[1-9]\d*)$/.test(name);
  return isWhole ? normal(BigInt(name)) : name;
}

const shortTag = (tag: string): string => tag.replace(core, '!!');

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
  readonly #scalarOf: (text: string) => unknown;
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #nodes = 0;

  /** `scalarOf` says what a scalar without quotes is. */
  constructor(source: SourceText, scalarOf: (text: string) => unknown) {
    this.#source = source;
    this.#scalarOf = scalarOf;
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
    this.#open.add(node);
    const value = isMap(node) ? this.#mapTagged(node, tag) : this.#seqTagged(node, tag);
    this.#open.delete(node);
    return tag === '!unsafe' ? literalData(value) : value;
  }

  #scalar(node: Scalar): unknown {
    const text = cutBlock(node, node.source ?? '', this.#source.text);
    if (node.tag === '!vault' || node.tag === '!vault-encrypted') return this.#opened(node, text);
    if (node.tag === '!unsafe') return literalData(this.#untagged(node, text));
    return node.tag ? this.#tagged(node, node.tag, text) : this.#untagged(node, text);
  }

  #untagged(node: Scalar, text: string): unknown {
    return node.type === 'PLAIN' ? this.#read(node, () => this.#scalarOf(text)) : text;
  }

  #tagged(node: Scalar, name: string, text: string): unknown {
    const tag = scalarTags.get(name);
    if (!tag) return this.#unknownTag(node, name);
    const value = this.#read(node, () => tag.read(text));
    if (value === undefined) this.#error(node, `the tag ${shortTag(name)} takes ${tag.takes}, not "${text}"`);
    return value ?? null;
  }

  /** What a text is; of a date that there is not an error. */
  #read(node: Scalar, read: () => unknown): unknown {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.#error(node, error.message);
      return null;
    }
  }

  #opened(node: Scalar, text: string): unknown {
    try {
      return openedValue(text);
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
      const where = this.#source.place(node.range?.[0] ?? 0);
      this.errors.push(new OrchError({ code: error.code, summary: error.summary, hint: error.hint, where }));
      return null;
    }
  }

  #seqTagged(node: YAMLSeq, tag: string | undefined): unknown {
    if (!tag || [`${core}seq`, '!unsafe'].includes(tag)) return node.items.map((item) => this.convert(item));
    if (![`${core}omap`, `${core}pairs`].includes(tag)) return this.#unknownTag(node, tag);
    return node.items.map((item) => {
      const [pair, ...others] = isMap(item) ? item.items : [];
      if (pair && others.length === 0) return [this.convert(pair.key), this.convert(pair.value)];
      this.#error(item, `the tag ${shortTag(tag)} takes a list of mappings with one key each`);
      return null;
    });
  }

  #mapTagged(node: YAMLMap, tag: string | undefined): unknown {
    if (!tag || [`${core}map`, '!unsafe'].includes(tag)) return this.#marked(node) ?? this.#map(node);
    // A set is the list of its keys.
    if (tag === `${core}set`) return node.items.map(({ key }) => this.convert(key));
    return this.#unknownTag(node, tag);
  }

  /** The text of `{"__ansible_vault": "..."}` and `{"__ansible_unsafe": "..."}`, as Ansible writes it in JSON; undefined for another mapping. */
  #marked(node: YAMLMap): unknown {
    const [pair, ...others] = node.flow ? node.items : [];
    if (!pair || others.length > 0 || !isScalar(pair.key) || !isScalar(pair.value)) return undefined;
    const { source = '' } = pair.value;
    if (pair.key.source === vaultMark) return this.#opened(pair.value, source);
    return pair.key.source === unsafeMark ? literalData(source) : undefined;
  }

  #map(node: YAMLMap): unknown {
    const start = node.range?.[0] ?? 0;
    if (node.flow && this.#source.text.startsWith('{{', start)) {
      this.errors.push(unquotedTemplate(this.#source, start));
      return null;
    }
    const own: Data = Object.create(null);
    const keys: (string | Integer)[] = [];
    const merged: Data[] = [];
    const first = new Map<string, Node>();
    for (const { key, value } of node.items) {
      if (isMergeKey(key)) {
        merged.push(...this.#merge(value).reverse());
        continue;
      }
      const name = this.#key(key, node);
      if (name === undefined) continue;
      const before = first.get(name);
      if (before) this.#duplicate(name, before, key);
      first.set(name, key as Node);
      own[name] = this.convert(value);
      keys.push(keyOf(key, name));
    }
    if (merged.length === 0) return withKeys(own, keys);
    // Own keys win, then the last <<, and of a list the first mapping that has the key.
    return withKeys(Object.assign(Object.create(null), ...merged, own), [...merged.flatMap(dataKeys), ...keys]);
  }

  #key(key: unknown, map: YAMLMap): string | undefined {
    if (isAlias(key)) {
      const value = this.convert(key);
      if (typeof value === 'string') return value;
    } else if (isScalar(key)) {
      if (key.anchor) this.#anchors.set(key.anchor, key);
      // A text without a letter is one, too; nothing at all is none.
      if (key.source || key.type?.startsWith('QUOTE')) return key.source ?? '';
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
    const place = ({ range }: Node) => this.#source.place(range?.[0] ?? 0);
    const error = doubledKey(name, place(before), place(key as Node));
    if (error) this.errors.push(error);
  }

  #unknownTag(node: Node, tag: string): null {
    this.#error(node, `the tag ${shortTag(tag)} is not supported here`);
    return null;
  }

  #error(node: unknown, summary: string): void {
    const range = (node as Node | undefined)?.range;
    this.errors.push(new OrchError({ code: 'yaml-syntax', summary, where: this.#source.place(range?.[0] ?? 0) }));
  }
}
