import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** LISTEN in the kernel's include/net/tcp_states.h. */
const listenState = '0A';

/** Inodes of the sockets that listen on a port, from the text of /proc/PID/net/tcp or tcp6. */
export function listeningInodes(table: string, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    return state === listenState && local.endsWith(`:${hex}`) && inode !== undefined ? [inode] : [];
  });
}

/**
 * True when one of the processes, which share a network namespace, listens on the TCP port. Another's socket on that
 * port does not count, so a daemon that finds its port taken is never taken for ready.
 */
export function listens(pids: readonly number[], port: number): boolean {
  const [first] = pids;
  if (first === undefined) return false;
  const inodes = ['tcp', 'tcp6'].flatMap((name) => listeningInodes(textOf(`/proc/${first}/net/${name}`), port));
  const sockets = new Set(inodes.map((inode) => `socket:[${inode}]`));
  return sockets.size > 0 && pids.some((pid) => descriptorsOf(pid).some((target) => sockets.has(target)));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // The process ended, or the kernel has no IPv6.
    return '';
  }
}

function descriptorsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((name) => linkOf(`/proc/${pid}/fd/${name}`));
  } catch {
    return [];
  }
}

function linkOf(path: string): string[] {
  try {
    return [readlinkSync(path)];
  } catch {
    return [];
  }
}
