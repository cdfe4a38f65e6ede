import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OrchError } from '../../../proto/errors.ts';
import { contentFile, type HostFile } from './host-file.ts';

/** The agent as this controller brings it along. */
export interface Bundle {
  /** SHA-256 of the file that starts it, hex: its name everywhere. */
  readonly hash: string;
  /** All that a host needs, ready to be sent; the file that starts it is the last. */
  readonly files: () => Promise<readonly HostFile[]>;
  /** V8's compiled form of it, which the build makes: of use to a Node like this one. */
  readonly compiled: () => Promise<HostFile | undefined>;
  /** Text for `node -e` on a host that has nothing of orch; empty where the build made none. */
  readonly firstStart: () => Promise<string>;
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
    const file = (name: string, text: Buffer) => contentFile(`agent/${hash}/${name}`, text);
    const textBeside = (name: string) => readFile(join(dirname(path), name)).catch(() => undefined);
    const beside = async (name: string) => {
      const text = await textBeside(name);
      return text && file(name, text);
    };
    return {
      hash,
      files: once(async () => {
        const program = await beside('agent-program.cjs');
        return [...(program ? [program] : []), await file('agent.cjs', content)];
      }),
      compiled: once(() => beside('agent.cache')),
      firstStart: once(async () => (await textBeside('first-start.cjs'))?.toString('latin1').trim() ?? ''),
    };
  } catch (cause) {
    throw new OrchError({
      code: 'missing-tool',
      summary: `The agent's bundle ${path} cannot be read.`,
      hint: 'Build it: npm run build',
      cause,
    });
  }
}

/** Packed once, however many hosts get it. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Beside the built controller, or in the checkout's dist/ when it runs from source. */
export function bundlePath(): string {
  const beside = join(import.meta.dirname, 'agent.cjs');
  return existsSync(beside) ? beside : join(import.meta.dirname, '../../../dist/agent.cjs');
}
