import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OrchError } from '../../proto/errors.ts';

/** The agent as this controller brings it along. */
export interface Bundle {
  readonly content: Buffer;
  /** SHA-256 of the content, hex: its name everywhere. */
  readonly hash: string;
  /** V8's compiled form of it, which the build makes: of use to a Node like this one. */
  readonly compiled: () => Promise<Buffer | undefined>;
}

const loaded = new Map<string, Promise<Bundle>>();

/** Reads the agent's bundle once a process. Throws OrchError 'missing-tool' when orch is not built. */
export function loadBundle(path: string): Promise<Bundle> {
  let bundle = loaded.get(path);
  if (bundle === undefined) {
    bundle = read(path);
    loaded.set(path, bundle);
  }
  return bundle;
}

async function read(path: string): Promise<Bundle> {
  try {
    const content = await readFile(path);
    const hash = createHash('sha256').update(content).digest('hex');
    const compiled = () => readFile(path.replace(/\.cjs$/, '.cache')).catch(() => undefined);
    return { content, hash, compiled };
  } catch (cause) {
    throw new OrchError({
      code: 'missing-tool',
      summary: `The agent's bundle ${path} cannot be read.`,
      hint: 'Build it: npm run build',
      cause,
    });
  }
}

/** Beside the built controller, or in the checkout's dist/ when it runs from source. */
export function bundlePath(): string {
  const beside = join(import.meta.dirname, 'agent.cjs');
  return existsSync(beside) ? beside : join(import.meta.dirname, '../../dist/agent.cjs');
}
