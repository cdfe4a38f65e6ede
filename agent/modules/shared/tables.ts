/** iproute2's names for the routing tables that every kernel has; it shows these for their numbers. */
const wellKnown: Readonly<Record<string, string>> = { '253': 'default', '254': 'main', '255': 'local' };

/** A table as ip shows it. */
export function tableName(table: string | number): string {
  return wellKnown[String(table)] ?? String(table);
}
