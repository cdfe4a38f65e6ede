/** Rows of CSV; quotes may hold the delimiter, line ends and doubled quotes. Empty lines are no rows. */
export function csvRows(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const endRow = () => {
    if (row.length > 0 || cell !== '') rows.push([...row, cell]);
    row = [];
    cell = '';
  };
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (quoted && character === '"' && text[at + 1] === '"') {
      cell += '"';
      at++;
    } else if (character === '"') quoted = !quoted;
    else if (quoted || (character !== delimiter && character !== '\n' && character !== '\r')) cell += character;
    else if (character === delimiter) {
      row.push(cell);
      cell = '';
    } else endRow();
  }
  endRow();
  return rows;
}
