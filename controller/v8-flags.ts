import { setFlagsFromString } from 'node:v8';

/**
 * What V8 does otherwise in a run. The young generation grows at once to its full size, not by doubling: a run takes a few
 * collections then, not a dozen. The old generation is collected when its limit is reached, not ahead of it: most runs end before,
 * and one that was begun takes 20 ms. That limit is twice what the last collection left, not up to four times: a long run with many
 * hosts has 40 MB that it needs, and is done as soon.
 */
const ofMemory = ['--semi-space-growth-factor=16', '--no-incremental-marking', '--heap-growing-percent=100'];

/**
 * For a while, functions are optimized when they have been at work eight times as long: most runs end before that pays. The V8 of
 * Node 22 and later waits longer by itself, and has another name for it.
 */
const optimizing = process.versions.v8.startsWith('11.')
  ? { late: '--interrupt-budget=540672', asUsual: '--interrupt-budget=67584' }
  : undefined;

/** A run that takes longer is a long one. */
const shortMs = 500;

export const runFlags: readonly string[] = [...ofMemory, ...(optimizing ? [optimizing.late] : [])];

let areSet = false;

/** To be called when all is loaded: V8 takes a compiled form, Node's own modules' too, only under the flags that it was made with. */
export function setRunFlags(): void {
  if (areSet) return;
  areSet = true;
  for (const flag of runFlags) setFlagsFromString(flag);
  if (optimizing) setTimeout(() => setFlagsFromString(optimizing.asUsual), shortMs).unref();
}
