import { templateErrors } from '../playbook/values/template-check.ts';
import type { Located } from '../source/located.ts';
import { textOrigin } from '../source/origins.ts';
import { SourceText } from '../source/place.ts';
import { didYouMean } from '../template/suggest.ts';
import { rememberOf } from '../vault/vault.ts';
import type { Draft, DraftGroup } from './draft.ts';
import { splitWords, type Word } from './ini-words.ts';
import { pythonLiteral } from './python-literal.ts';

interface Section {
  readonly group: DraftGroup;
  readonly kind: 'hosts' | 'children' | 'vars';
}

/** Names that must be groups once the whole file is read. */
interface Promised {
  readonly name: string;
  readonly at: Located;
}

const kinds = ['hosts', 'children', 'vars'] as const;

class IniReader {
  readonly #source: SourceText;
  readonly #draft: Draft;
  readonly #promised: Promised[] = [];
  /** Groups that are there: of sources before this one, and those that it declares. */
  readonly #defined: Set<string>;
  /** Groups that stand below others before they are declared, by their names: they come below them then. */
  readonly #awaited = new Map<string, { readonly parent: DraftGroup; readonly at: Located }[]>();
  #section: Section | undefined;

  constructor(text: string, file: string, draft: Draft) {
    this.#source = new SourceText(file, text);
    this.#draft = draft;
    this.#defined = new Set(draft.groups.keys());
    this.#section = { group: draft.group('ungrouped'), kind: 'hosts' };
  }

  read(): void {
    let start = 0;
    for (const line of this.#source.text.split('\n')) {
      const text = line.trim();
      if (text !== '' && !/^[#;]/.test(text)) this.#line(text, start + line.indexOf(text));
      start += line.length + 1;
    }
    for (const name of [...this.#awaited.keys()]) this.#declare(this.#draft.group(name));
    for (const { name, at } of this.#promised) {
      if (this.#defined.has(name)) continue;
      this.#draft.error(at, `there is no group "${name}"`, didYouMean(name, this.#defined) ?? 'add a section for it');
    }
  }

  #at(offset: number): Located {
    return { value: undefined, origin: textOrigin(this.#source, offset), path: [] };
  }

  #value(text: string, offset: number): Located {
    // A quote that opens the value is not part of it.
    const quoted = /["']/.test(this.#source.text.charAt(offset)) && !/^["']/.test(text);
    const value = rememberOf(this.#source.file, pythonLiteral(text));
    const located = { ...this.#at(offset + (quoted ? 1 : 0)), value };
    this.#draft.errors.push(...templateErrors(located));
    return located;
  }

  #line(text: string, offset: number): void {
    if (text.startsWith('[') && !/^\[[^\]]*\]\S/.test(text)) {
      this.#section = this.#header(text, offset);
      return;
    }
    const section = this.#section;
    // A wrong header was reported; what stands under it is passed over.
    if (!section) return;
    if (section.kind === 'vars') this.#variable(text, offset, section.group);
    else this.#entry(text, offset, section);
  }

  #header(text: string, offset: number): Section | undefined {
    const match = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:[#;].*)?$/.exec(text);
    const at = this.#at(offset);
    if (!match) {
      this.#draft.error(at, 'a section is written [group], [group:vars] or [group:children]');
      return undefined;
    }
    const [, name = '', kindText = 'hosts'] = match;
    const kind = kinds.find((each) => each === kindText);
    if (!kind) {
      const hint = didYouMean(kindText, kinds) ?? 'a section is [group], [group:vars] or [group:children]';
      this.#draft.error(at, `there is no kind of section "${kindText}"`, hint);
      return undefined;
    }
    const group = this.#draft.namedGroup(name, at);
    if (!group) return undefined;
    if (kind === 'vars') this.#promised.push({ name: group.name, at });
    else {
      this.#defined.add(group.name);
      this.#declare(group);
    }
    return { group, kind };
  }

  #declare(group: DraftGroup): void {
    for (const { parent, at } of this.#awaited.get(group.name) ?? []) this.#draft.addChild(parent, group, at);
    this.#awaited.delete(group.name);
  }

  #variable(text: string, offset: number, group: DraftGroup): void {
    const equals = text.indexOf('=');
    if (equals < 1) {
      this.#draft.error(this.#at(offset), 'a variable is written name=value');
      return;
    }
    const raw = text.slice(equals + 1);
    const value = raw.trim();
    const at = offset + equals + 1 + (raw.length - raw.trimStart().length);
    this.#draft.setVar(group, text.slice(0, equals).trim(), this.#value(value, at));
  }

  #entry(text: string, offset: number, { group, kind }: Section): void {
    let words: Word[];
    try {
      words = splitWords(text);
    } catch (error) {
      this.#draft.error(this.#at(offset), (error as Error).message);
      return;
    }
    const [first, ...rest] = words;
    if (!first) return;
    const at = this.#at(offset + first.at);
    if (kind === 'children') {
      const [second] = rest;
      if (second) this.#draft.error(this.#at(offset + second.at), 'each group below another one has its own line');
      const name = this.#draft.groupName(first.text, at);
      if (name === undefined) return;
      this.#promised.push({ name, at });
      const known = this.#draft.groups.get(name);
      if (known) this.#draft.addChild(group, known, at);
      else this.#awaited.set(name, [...(this.#awaited.get(name) ?? []), { parent: group, at }]);
      return;
    }
    const wrong = rest.find((word) => word.text.indexOf('=') < 1);
    if (wrong) {
      const hint = 'write name=value, with no blanks around the "="';
      this.#draft.error(this.#at(offset + wrong.at), `"${wrong.text}" is no variable of a host`, hint);
      return;
    }
    const vars = rest.map((word) => this.#hostVariable(word, offset));
    this.#draft.addHosts(first.text, vars, group, at);
  }

  #hostVariable({ text, at }: Word, offset: number): [string, Located] {
    const equals = text.indexOf('=');
    return [text.slice(0, equals), this.#value(text.slice(equals + 1), offset + at + equals + 1)];
  }
}

/** Reads an inventory in INI format: [group], [group:children], [group:vars], host lines with name=value. */
export function readIniInventory(text: string, file: string, draft: Draft): void {
  new IniReader(text, file, draft).read();
}
