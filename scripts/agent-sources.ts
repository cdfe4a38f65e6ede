import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The texts of which an agent may be made. */
export function agentSources(): readonly string[] {
  return ['agent', 'proto'].flatMap((part) => {
    const folder = join(import.meta.dirname, '..', part);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    return files.map((file) => readFileSync(join(folder, file), 'utf8'));
  });
}
