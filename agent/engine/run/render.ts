/**
 * Plain data as text for a diff: YAML-like, keys sorted, so that equal states give equal texts. A string alone is
 * itself; text of several lines inside data is an indented block.
 */
export function renderState(state: unknown): string {
  if (state === undefined || state === null) return '';
  if (typeof state === 'string') return state;
  return `${render(state).join('\n')}\n`;
}

function render(value: unknown): string[] {
  if (Array.isArray(value)) return value.length === 0 ? ['[]'] : value.flatMap((item) => prefixed('- ', item));
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return entries.length === 0 ? ['{}'] : entries.flatMap(([key, entry]) => pair(key, entry));
  }
  return [scalar(value)];
}

function prefixed(mark: string, item: unknown): string[] {
  const [first = '', ...rest] = render(item);
  return [`${mark}${first}`, ...rest.map((line) => `  ${line}`)];
}

function pair(key: string, value: unknown): string[] {
  const name = scalar(key);
  if (typeof value === 'string' && value.includes('\n')) {
    return [`${name}: |`, ...value.split('\n').map((line) => `  ${line}`)];
  }
  const lines = render(value);
  const nested = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  return nested ? [`${name}:`, ...lines.map((line) => `  ${line}`)] : [`${name}: ${lines[0]}`];
}

function scalar(value: unknown): string {
  if (typeof value !== 'string') return String(value);
  // Quoted where YAML would read something other than this text.
  const plain = /^[A-Za-z0-9_./][\w./:@%+ -]*$/.test(value) && !/: |:$| $/.test(value);
  return plain && !/^(true|false|null|yes|no|on|off|[\d.+-][\d._]*)$/i.test(value) ? value : JSON.stringify(value);
}
