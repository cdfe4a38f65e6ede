import { parseArgs } from 'node:util';

/** What an agent uses of Node in most runs, with what Node loads for them; `cluster` is loaded when something listens. */
const names = [
  ...['child_process', 'cluster', 'crypto', 'dns', 'fs/promises', 'http2', 'os', 'process', 'stream/promises'],
  ...['timers/promises', 'zlib'],
];

/** Loads what Node itself brings along for an agent. */
export function loadNodesOwn(require: NodeJS.Require): void {
  // `assert`, of which http2 is made, looks whether standard error shows colours. Node would make a stream of it for that look.
  const stderr = Object.getOwnPropertyDescriptor(process, 'stderr') ?? {};
  Object.defineProperty(process, 'stderr', { value: {}, configurable: true });
  for (const name of names) require(`node:${name}`);
  Object.defineProperty(process, 'stderr', stderr);
  // Loaded when it is first called.
  parseArgs({ args: [] });
}
