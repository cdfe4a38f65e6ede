import { isatty } from 'node:tty';

/**
 * Calls when the terminal of this process is gone, once; returns what takes that back. What has none is let go on: nohup(1) has such
 * programs ignore the signal, and Node, while it starts, takes back that it is ignored.
 */
export function onHangUp(gone: () => void): () => void {
  const hasTerminal = [0, 1, 2].some((fd) => isatty(fd));
  let told = false;
  // The shell sends the signal, and so does the kernel.
  const hear = (): void => {
    if (hasTerminal && !told) gone();
    told = true;
  };
  process.on('SIGHUP', hear);
  return () => process.off('SIGHUP', hear);
}

/** Calls at Ctrl-C, when this process is asked to terminate, and when its terminal is gone; returns what takes that back. */
export function onLeaving(leave: () => void): () => void {
  process.on('SIGINT', leave);
  process.on('SIGTERM', leave);
  const ignoreHangUp = onHangUp(leave);
  return () => {
    ignoreHangUp();
    process.off('SIGINT', leave);
    process.off('SIGTERM', leave);
  };
}
