import type { Source, StatementOf } from '../parse/tree.ts';

/** A block and the template that defines it. */
export interface DefinedBlock {
  readonly block: StatementOf<'block'>;
  readonly source: Source;
}

function blocksIn(node: unknown, found: StatementOf<'block'>[]): StatementOf<'block'>[] {
  if (typeof node !== 'object' || node === null) return found;
  if ('kind' in node && node.kind === 'block' && 'scoped' in node) found.push(node as StatementOf<'block'>);
  for (const part of Object.values(node)) blocksIn(part, found);
  return found;
}

const known = new WeakMap<Source, readonly StatementOf<'block'>[]>();

/** The blocks of a template: looked for once, since most are rendered many times and have none. */
function blocksOf(source: Source): readonly StatementOf<'block'>[] {
  const found = known.get(source) ?? blocksIn(source.body, []);
  known.set(source, found);
  return found;
}

/** One template being rendered together with those that it extends: their blocks, the nearest definition first. */
export class Unit {
  #blocks: Map<string, DefinedBlock[]> | undefined;
  /** The template that was named by `extends` and has not run yet. */
  parent: Source | undefined;

  /** Adds the blocks of a template, behind those of the templates that extend it. */
  define(source: Source): void {
    for (const block of blocksOf(source)) {
      this.#blocks ??= new Map();
      const others = this.#blocks.get(block.name);
      if (others) others.push({ block, source });
      else this.#blocks.set(block.name, [{ block, source }]);
    }
  }

  /** Definitions of a block, the one that counts first. */
  definitions(name: string): readonly DefinedBlock[] {
    return this.#blocks?.get(name) ?? [];
  }

  get blockNames(): readonly string[] {
    return this.#blocks ? [...this.#blocks.keys()] : [];
  }
}
