/**
 * Calls `late` after `ms` milliseconds, once what has come until then is read: a process that was busy for as long looks at
 * its clock before it reads.
 */
export function whenLate(ms: number, late: () => void): NodeJS.Timeout {
  return setTimeout(() => setImmediate(late), ms);
}
