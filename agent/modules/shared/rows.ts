/** One object of `ip -j -d`. */
export type Row = Readonly<Record<string, unknown>>;

export function text(row: Row, key: string): string | undefined {
  const value = row[key];
  return typeof value === 'string' ? value : undefined;
}

export function number(row: Row, key: string): number | undefined {
  const value = row[key];
  return typeof value === 'number' ? value : undefined;
}

/** True when the key is there and not false: iproute2 prints some flags as null. */
export function flag(row: Row, key: string): boolean {
  return key in row && row[key] !== false;
}

export function object(row: Row, key: string): Row {
  const value = row[key];
  return isRow(value) ? value : {};
}

export function rows(row: Row, key: string): readonly Row[] {
  const value = row[key];
  return Array.isArray(value) ? value.filter(isRow) : [];
}

export function texts(row: Row, key: string): readonly string[] {
  const value = row[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
