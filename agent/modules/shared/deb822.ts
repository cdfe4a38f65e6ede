/** Fields of a source in the form of deb822(5), by parameter; null and undefined: the field is not there. */
export type SourceFields = Readonly<Record<string, string | number | boolean | readonly string[] | null | undefined>>;

/** The stanza, with its fields in the order of the parameters' names, as Ansible writes it. */
export function deb822Text(fields: SourceFields): string {
  return Object.entries(fields)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, value]) => (value === undefined || value === null ? [] : [`${fieldName(name)}:${text(value)}\n`]))
    .join('');
}

function fieldName(name: string): string {
  if (name === 'name') return 'X-Repolib-Name';
  if (name === 'uris') return 'URIs';
  return name
    .split('_')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('-');
}

function text(value: string | number | boolean | readonly string[]): string {
  const plain = typeof value === 'boolean' ? (value ? 'yes' : 'no') : [value].flat().join(' ');
  if (plain === '') return '';
  return plain.includes('\n') ? `\n${continued(plain)}` : ` ${plain}`;
}

/** Lines that go on a field: a blank before each, and a dot for an empty one. */
function continued(lines: string): string {
  return lines
    .trim()
    .split('\n')
    .map((line) => `    ${line.trim() || '.'}`)
    .join('\n');
}
