import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A Node for another machine, from one of the npm packages node-linux-*. */
export interface PackagedNode {
  readonly path: string;
  readonly version: string;
}

/** The Node that is packaged for Linux hosts of this architecture (as process.arch says it); undefined: not installed. */
export function packagedNode(arch: string): PackagedNode | undefined {
  try {
    const path = createRequire(import.meta.url).resolve(`node-linux-${arch}/bin/node`);
    const { version } = JSON.parse(readFileSync(join(dirname(path), '../package.json'), 'utf8'));
    return { path, version };
  } catch {
    return undefined;
  }
}
