import type { FilePlace } from '../../proto/errors.ts';
import type { Located, Origin, Path } from './located.ts';
import type { SourceText } from './place.ts';

/** The located value at a key or index of a located mapping or list; undefined when it holds none. */
export function child(parent: Located, part: string | number): Located | undefined {
  const { value } = parent;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
  const inner: unknown = Reflect.get(value, part);
  return { value: inner, origin: parent.origin, path: [...parent.path, part] };
}

/** The items of a located list, each located. */
export function items(list: Located<readonly unknown[]>): Located[] {
  return list.value.map((value, index) => ({ value, origin: list.origin, path: [...list.path, index] }));
}

/** Where a located value stands. */
export function placeOf(located: Located, part: 'key' | 'value' = 'value'): FilePlace {
  return located.origin.place(located.path, part);
}

/** Origin of a value that has one place whatever the path: a command line option, a default. */
export function fixedOrigin(place: FilePlace): Origin {
  return { file: place.file, place: () => place, placeInText: () => place };
}

/** The text of a command line option, so that errors can point into it: `--limit:1:4`. */
export function optionText(option: string, text: string): Located<string> {
  const at = (column: number): FilePlace => ({ file: option, line: 1, column, excerpt: text });
  const origin: Origin = { file: option, place: () => at(1), placeInText: (_, __, column) => at(column) };
  return { value: text, origin, path: [] };
}

/** Origin of text that starts at an offset of a file without YAML: a value of an INI inventory. */
export function textOrigin(source: SourceText, offset: number): Origin {
  return {
    file: source.file,
    place: () => source.place(offset),
    placeInText: (_, line, column) => source.place(line === 1 ? offset + column - 1 : offset),
  };
}

/** Origin of the part of a located text that starts at `start`: one value of `key=value key=value`. */
export function partOrigin(text: Located<string>, start: number): Origin {
  const before = text.value.slice(0, start).split('\n');
  const firstLine = before.length;
  const firstColumn = (before.at(-1)?.length ?? 0) + 1;
  const at = (line: number, column: number) =>
    text.origin.placeInText(text.path, firstLine + line - 1, line === 1 ? firstColumn + column - 1 : column);
  return {
    file: text.origin.file,
    place: () => at(1, 1),
    placeInText: (_, line, column) => at(line, column),
  };
}

/** Located texts as one, with `separator` between them; each part of it keeps its place. */
export function joinedText(
  parts: readonly [Located<string>, ...Located<string>[]],
  separator: string,
): Located<string> {
  const [first] = parts;
  const partAt = (column: number): FilePlace => {
    let rest = column;
    for (const { value, origin, path } of parts) {
      if (rest <= value.length + separator.length) return origin.placeInText(path, 1, rest);
      rest -= value.length + separator.length;
    }
    return placeOf(first);
  };
  return {
    value: parts.map(({ value }) => value).join(separator),
    path: [],
    origin: {
      file: first.origin.file,
      place: () => placeOf(first),
      placeInText: (_, __, column) => partAt(column),
    },
  };
}

/** A mapping put together from located values, each keeping its own place; `self` is the place of the whole. */
export function composed(parts: ReadonlyMap<string, Located>, self: Located): Located<Record<string, unknown>> {
  const value: Record<string, unknown> = Object.create(null);
  for (const [key, part] of parts) value[key] = part.value;
  const within = (path: Path): Located => {
    const part = parts.get(String(path[0]));
    return part ? { value: undefined, origin: part.origin, path: [...part.path, ...path.slice(1)] } : self;
  };
  return {
    value,
    path: [],
    origin: {
      file: self.origin.file,
      place: (path, part) => placeOf(within(path), part),
      placeInText: (path, line, column) => {
        const { origin, path: inner } = within(path);
        return origin.placeInText(inner, line, column);
      },
    },
  };
}
