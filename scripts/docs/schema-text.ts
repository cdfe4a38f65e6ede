/** A JSON schema as a file: each definition, of which a module is one, in a line of its own. */
export function schemaText({ definitions, ...head }: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(definitions ?? {}).map(([name, schema]) => `    "${name}": ${JSON.stringify(schema)}`);
  const top = JSON.stringify(head, null, 2).replace(/\n}$/, '');
  return `${top},\n  "definitions": {\n${lines.join(',\n')}\n  }\n}\n`;
}
