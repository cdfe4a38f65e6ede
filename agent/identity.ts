import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { hostname, release } from 'node:os';
import type { HelloResponse } from '../proto/gen/orch/v1/agent.ts';
import { protocol, version } from '../proto/version.ts';

/** sha256 of the file that this process runs, as hex: the agent's name for "exactly this build". */
export function bundleHash(): string {
  return createHash('sha256')
    .update(readFileSync(realpathSync(process.argv[1] ?? '')))
    .digest('hex');
}

/** Who is there. */
export function hello(bundle: string, service: boolean): HelloResponse {
  return {
    protocol,
    bundle,
    version,
    hostname: hostname(),
    kernel: release(),
    node: process.version,
    pid: process.pid,
    uptimeMs: Math.round(process.uptime() * 1000),
    mode: service ? 'service' : 'transient',
  };
}
