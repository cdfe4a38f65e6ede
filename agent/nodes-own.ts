import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

/** What an agent uses of Node in most runs, with what Node loads for them; `cluster` is loaded when something listens. */
const names = [
  ...['child_process', 'cluster', 'crypto', 'dns', 'fs/promises', 'http2', 'os', 'process', 'stream/promises'],
  ...['timers/promises', 'zlib'],
];

/** Loads what Node itself brings along for an agent. */
export function loadNodesOwn(): void {
  const require = createRequire('/');
  for (const name of names) require(`node:${name}`);
  // Loaded when it is first called.
  parseArgs({ args: [] });
}
