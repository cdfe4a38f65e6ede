/** Stands for digits while JavaScript's own reader and writer are at work; no value of a host can be that text. */
const mark = crypto.randomUUID();
const marked = new RegExp(`"${mark}([^"]*)"`, 'g');

/** The JSON of a value that JavaScript's own writer has no exact one for; undefined for all others. */
export type Exact = (value: unknown) => string | undefined;

const digits: Exact = (value) => (typeof value === 'bigint' ? String(value) : undefined);

/** JSON.stringify, but that whole numbers of any length are their digits. */
export function exactJson(value: unknown, indent?: number, exact = digits): string {
  let found = false;
  const json = JSON.stringify(
    value,
    function (this: Readonly<Record<string, unknown>>, key, item: unknown) {
      const text = exact(this[key]);
      if (text === undefined) return item;
      found = true;
      return mark + text;
    },
    indent,
  );
  if (json === undefined) return 'null';
  return found ? json.replace(marked, '$1') : json;
}

const token = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;

/** JSON.parse, but that whole numbers beyond 2^53 are bigints. */
export function readExactJson(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  const long = (part: string) => (/^-?\d{16,}$/.test(part) ? `"${mark}${part}"` : part);
  return JSON.parse(text.replace(token, long), (_, item: unknown) => {
    if (typeof item !== 'string' || !item.startsWith(mark)) return item;
    const value = BigInt(item.slice(mark.length));
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  });
}
