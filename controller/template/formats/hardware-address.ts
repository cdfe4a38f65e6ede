/** The twelve digits of a hardware address (EUI-48), however it is written; undefined for anything else. */
export function macOf(text: string): string | undefined {
  const digits = text.trim().replace(/[-:.]/g, '').toLowerCase();
  const written =
    /^(?:[\da-f]{1,2}([-:])(?:[\da-f]{1,2}\1){4}[\da-f]{1,2}|(?:[\da-f]{4}\.){2}[\da-f]{4}|[\da-f]{6}[-:][\da-f]{6}|[\da-f]{12})$/i;
  if (!written.test(text.trim())) return undefined;
  const parts = text.trim().split(/[-:]/);
  return parts.length === 6 ? parts.map((part) => part.toLowerCase().padStart(2, '0')).join('') : digits;
}
