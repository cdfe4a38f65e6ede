import { MemberHolder } from '../python/values.ts';

/** The names that a template sets at its top level, to import. */
export class TemplateModule extends MemberHolder {
  readonly title = 'the imported template';
  readonly #names: ReadonlyMap<string, unknown>;
  readonly #text: string;

  constructor(names: ReadonlyMap<string, unknown>, text: string) {
    super();
    this.#names = names;
    this.#text = text;
  }

  override get text(): string {
    return this.#text;
  }

  member(name: string): unknown {
    return name.startsWith('_') ? undefined : this.#names.get(name);
  }

  get memberNames(): readonly string[] {
    return [...this.#names.keys()];
  }
}
