import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { OrchError } from '../../../proto/errors.ts';

/** Where tracefs is mounted, the second where only debugfs is (Documentation/trace/ftrace.rst). */
const roots = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing'];
const instancePrefix = 'orch-';
const groupPrefix = 'orch_';

/** Buffers of all CPUs together, KiB, and the most of one. */
const allBuffers = 64 * 1024;
const oneBuffer = 1024;

/**
 * An instance of the kernel's tracing with dynamic events of its own, so that other tracers notice nothing. It is held by
 * an open file of it, which no other process can have in its place: that tells it from one that was left behind.
 */
export class TraceInstance {
  /** Group of its events. */
  readonly group: string;
  private readonly root: string;
  private readonly folder: string;
  private readonly events = new Set<string>();
  private held: number | undefined;

  private constructor(root: string, id: string) {
    this.root = root;
    this.group = `${groupPrefix}${id}`;
    this.folder = join(root, 'instances', `${instancePrefix}${id}`);
  }

  /** A new one, which traces nothing yet. Throws OrchError 'unsupported-by-host' with what is in the way. */
  static open(): TraceInstance {
    sweepTraces();
    const root = tracefs();
    if (root === undefined)
      throw unsupported('tracefs is not there: the kernel lacks it, or it is not mounted on /sys/kernel/tracing');
    if (!takesFunctions(root)) {
      throw unsupported('the kernel makes no events of its functions (CONFIG_KPROBE_EVENTS, CONFIG_FPROBE_EVENTS)');
    }
    const instance = new TraceInstance(root, randomBytes(6).toString('hex'));
    try {
      mkdirSync(instance.folder);
      instance.held = openSync(join(instance.folder, 'tracing_on'), 'r');
      instance.write('tracing_on', '0');
      // CLOCK_MONOTONIC, as Node's hrtime.
      instance.write('trace_clock', 'mono');
      instance.write(
        'buffer_size_kb',
        String(Math.max(64, Math.min(oneBuffer, Math.floor(allBuffers / cpus().length)))),
      );
    } catch (error) {
      instance.close();
      throw unsupported(`tracefs cannot be used: ${reasonOf(error)}`);
    }
    return instance;
  }

  /** Makes an event (a line for dynamic_events of this group). Gives the kernel's reason when it refuses. */
  define(event: string, line: string): string | undefined {
    try {
      // Appended: what others have defined goes away otherwise.
      appendFileSync(join(this.root, 'dynamic_events'), `${line}\n`);
      this.events.add(event);
      return undefined;
    } catch (error) {
      return reasonOf(error);
    }
  }

  /** Takes an event that was made away again. */
  undefine(event: string): void {
    this.events.delete(event);
    removeEvent(this.root, `${this.group}/${event}`);
  }

  /** Only what passes is kept. Gives the kernel's reason when it refuses. */
  filter(event: string, filter: string): string | undefined {
    try {
      this.write(`events/${this.group}/${event}/filter`, filter);
      return undefined;
    } catch (error) {
      return reasonOf(error);
    }
  }

  /** The description of an event of the kernel's own; empty when there is none. */
  format(system: string, event: string): string {
    try {
      return readFileSync(join(this.folder, 'events', system, event, 'format'), 'latin1');
    } catch {
      return '';
    }
  }

  start(): void {
    this.write(`events/${this.group}/enable`, '1');
    this.write('tracing_on', '1');
  }

  /** Ends tracing and gives what was seen, a byte a character: names of devices may be any bytes. */
  stop(): string {
    this.write('tracing_on', '0');
    return readFileSync(join(this.folder, 'trace'), 'latin1');
  }

  /** Takes all of it away. Whatever can't be is swept by the next one. */
  close(): void {
    if (this.held !== undefined) closeSync(this.held);
    this.held = undefined;
    // Its events end with it; those of another instance's can't be removed while they are on.
    quietly(() => rmdirSync(this.folder));
    for (const event of this.events) removeEvent(this.root, `${this.group}/${event}`);
    this.events.clear();
  }

  private write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text, { flag: 'r+' });
  }
}

/** Takes away what processes left that are gone: instances that nobody holds, and events without an instance. */
export function sweepTraces(): void {
  const root = tracefs();
  if (root === undefined) return;
  const names = quietly(() => readdirSync(join(root, 'instances'))) ?? [];
  const live = new Set<string>();
  for (const name of names.filter((one) => /^orch-[0-9a-f]{12}$/.test(one))) {
    // EBUSY: somebody holds it.
    const gone = quietly(() => rmdirSync(join(root, 'instances', name)) ?? true);
    if (!gone) live.add(name.slice(instancePrefix.length));
  }
  const lines = quietly(() => readFileSync(join(root, 'dynamic_events'), 'latin1')) ?? '';
  for (const [, id = '', event = ''] of lines.matchAll(/^[a-z]\d*:orch_([0-9a-f]{12})\/(\w+) /gm)) {
    if (!live.has(id)) removeEvent(root, `${groupPrefix}${id}/${event}`);
  }
}

function tracefs(): string | undefined {
  return roots.find((root) => existsSync(join(root, 'dynamic_events')));
}

/** To make an instance for nothing takes a while. The kernel's own help has the forms of events that it takes. */
function takesFunctions(root: string): boolean {
  const help = quietly(() => readFileSync(join(root, 'README'), 'latin1')) ?? '';
  return existsSync(join(root, 'kprobe_events')) || help.includes(' f[:');
}

function removeEvent(root: string, name: string): void {
  quietly(() => appendFileSync(join(root, 'dynamic_events'), `-:${name}\n`));
}

function quietly<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return /^[A-Z]+: ([^,]+)/.exec(error.message)?.[1] ?? error.message;
}

function unsupported(summary: string): OrchError {
  return new OrchError({ code: 'unsupported-by-host', summary });
}
