/** Says what is odd, before anything is done. */
export function warn(warnings: readonly string[]): void {
  for (const warning of warnings) process.stderr.write(`[WARNING]: ${warning}\n`);
}
