import { setFlagsFromString } from 'node:v8';

/**
 * What V8 does otherwise in a run. The young generation grows at once to its full size, not by doubling: a run takes a few
 * collections then, not a dozen. The old generation is collected when its limit is reached, not ahead of it: most runs end before,
 * and one that was begun takes 20 ms. That limit is twice what the last collection left, not up to four times: a long run with many
 * hosts has 40 MB that it needs, and is done as soon.
 */
const ofMemory = ['--semi-space-growth-factor=16', '--no-incremental-marking', '--heap-growing-percent=100'];

/**
 * Functions are optimized when they have been at work eight times as long: most runs end before that pays, and a long one is done
 * as soon. The V8 of Node 22 and later waits longer by itself, and has another name for it.
 */
const ofCompiler = process.versions.v8.startsWith('11.') ? ['--interrupt-budget=540672'] : [];

export const runFlags: readonly string[] = [...ofMemory, ...ofCompiler];

/** To be called when all is loaded: V8 takes a compiled form, Node's own modules' too, only under the flags that it was made with. */
export function setRunFlags(): void {
  for (const flag of runFlags) setFlagsFromString(flag);
}
