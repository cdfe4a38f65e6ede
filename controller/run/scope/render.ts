import { type FilePlace, OrchError } from '../../../proto/errors.ts';
import type { Located } from '../../source/located.ts';
import { compile, hasTemplate } from '../../template/compile.ts';
import { type RenderOptions, TemplateError } from '../../template/types.ts';

/** The value with every template in it rendered, deeply; data without templates stays the same object. Throws OrchError. */
export function renderDeep(located: Located, options: RenderOptions): unknown {
  const { value, origin, path } = located;
  if (typeof value === 'string') {
    if (!hasTemplate(value)) return value;
    return withPlace(
      () => compile(value).render(options),
      (line, column) => origin.placeInText(path, line, column),
    );
  }
  if (typeof value !== 'object' || value === null || !holdsTemplate(value)) return value;
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => renderDeep({ value: item, origin, path: [...path, index] }, options));
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const name = hasTemplate(key) ? String(renderDeep({ value: key, origin, path }, options)) : key;
      return [name, renderDeep({ value: item, origin, path: [...path, key] }, options)];
    }),
  );
}

const known = new WeakMap<object, boolean>();

function holdsTemplate(value: unknown): boolean {
  if (typeof value === 'string') return hasTemplate(value);
  if (typeof value !== 'object' || value === null) return false;
  let holds = known.get(value);
  if (holds === undefined) {
    holds = Object.entries(value).some(([key, item]) => hasTemplate(key) || holdsTemplate(item));
    known.set(value, holds);
  }
  return holds;
}

/** Runs an evaluation; a TemplateError becomes an OrchError that says where in the file. */
export function withPlace<T>(evaluate: () => T, place: (line: number, column: number) => FilePlace): T {
  try {
    return evaluate();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const { code, message, hint, line, column } = error;
    throw new OrchError({ code, summary: message, hint, where: place(line, column), cause: error });
  }
}
