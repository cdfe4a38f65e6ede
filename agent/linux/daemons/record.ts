import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { type DaemonPhase, type DaemonSpec, daemonPhases } from './spec.ts';
import { daemonSpecRecord } from './spec-record.ts';

/** What is known of a daemon, on disk so that the next agent finds its processes. */
export interface DaemonRecord {
  readonly spec: DaemonSpec;
  /** What its processes bear in their environment; no other daemon's, on whatever host. */
  readonly mark: string;
  /** Boot id of the kernel that its processes run on. */
  readonly boot: string;
  readonly phase: DaemonPhase;
  readonly pid?: number | undefined;
  readonly startTime?: number | undefined;
  readonly startedMs?: number | undefined;
  readonly restarts: number;
  readonly ended: string;
}

const daemonRecord: z.ZodType<DaemonRecord> = z.lazy(() =>
  z.object({
    spec: daemonSpecRecord,
    mark: z.string().min(1),
    boot: z.string(),
    phase: z.enum(daemonPhases),
    pid: z.int().optional(),
    startTime: z.int().optional(),
    startedMs: z.int().optional(),
    restarts: z.int(),
    ended: z.string(),
  }),
);

/** The folder of all records and logs: host/NAME.json, netns/NETNS/NAME.json and .log beside them; root's alone. */
export class DaemonFolder {
  private readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  logPath(name: string, netns: string | undefined): string {
    return `${this.base(name, netns)}.log`;
  }

  /** At once for readers; its environment may hold secrets. */
  save(record: DaemonRecord): void {
    const path = `${this.base(record.spec.name, record.spec.netns)}.json`;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600, flush: true });
    renameSync(`${path}.new`, path);
  }

  remove(name: string, netns: string | undefined): void {
    const path = `${this.base(name, netns)}.json`;
    rmSync(path, { force: true });
    rmSync(`${path}.new`, { force: true });
    // Empty ones go, up to the folder itself.
    for (let folder = dirname(path); folder.startsWith(this.path); folder = dirname(folder)) {
      try {
        rmdirSync(folder);
      } catch {
        return;
      }
    }
  }

  /** All records; one that no agent wrote is as good as none. */
  load(): DaemonRecord[] {
    return filesBelow(this.path)
      .filter((path) => path.endsWith('.json'))
      .flatMap((path) => {
        try {
          return [daemonRecord.parse(JSON.parse(readFileSync(path, 'utf8')))];
        } catch {
          return [];
        }
      });
  }

  private base(name: string, netns: string | undefined): string {
    return netns === undefined ? join(this.path, 'host', name) : join(this.path, 'netns', netns, name);
  }
}

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    });
  } catch {
    return [];
  }
}
