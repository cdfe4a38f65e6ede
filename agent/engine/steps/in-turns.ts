/** So many items take some milliseconds on a slow host. */
const atOnce = 200;

/** Lets everything else of the agent that waits have its turn. */
export const turnOfOthers = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Works on each item in order, with turns of others in between: whoever is connected takes an agent that does not answer
 * for some seconds for dead, and emulated hosts are thirty times as slow as others.
 */
export async function inTurns<T>(items: readonly T[], work: (item: T) => void): Promise<void> {
  for (let from = 0; from < items.length; from += atOnce) {
    if (from > 0) await turnOfOthers();
    for (const item of items.slice(from, from + atOnce)) work(item);
  }
}
