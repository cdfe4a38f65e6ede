/** About where Python's reader of JSON gives up; what goes through data goes from level to level. */
export const mostLevels = 1000;

/** Whether data has lists and mappings in each other on more than so many levels. */
export function isDeeper(value: unknown, levels = mostLevels): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}
