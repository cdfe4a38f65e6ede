import { TraceLevel } from '../../../../proto/gen/orch/v1/agent.ts';
import { armTrace, type Tracing } from './arm-trace.ts';
import { sightingsOf } from './events-seen.ts';
import type { WatchedFlow } from './flow.ts';
import { symbolsOf } from './format.ts';
import { unsupported } from './known.ts';
import { lostEvents } from './line.ts';
import type { PacketTrace } from './packet-trace.ts';
import { drop } from './places.ts';
import type { Syntax } from './syntax.ts';

/** An instance of the kernel's tracing that can be run. */
interface Instance extends Tracing {
  format(system: string, event: string): string;
  start(): void;
  stop(): string;
  close(): void;
}

/** Makes events of the kernel's tracing. Throws OrchError 'unsupported-by-host' with all reasons where it takes none. */
export function armEvents(instance: Instance, flow: WatchedFlow, syntax: Syntax): PacketTrace {
  const { level, lacking } = armTrace(instance, flow, syntax);
  if (level === TraceLevel.NONE) throw unsupported(lacking.join('; '));
  const reasons = symbolsOf(instance.format(...drop.tracepoint), 'reason');
  instance.start();
  return {
    ...{ level, lacking, reasons },
    collect: async () => {
      const text = instance.stop();
      const lost = lostEvents(text);
      return {
        seen: sightingsOf(text, flow),
        lost:
          lost === 0 ? undefined : `${lost} events of the kernel's tracing were lost, because its buffers were full`,
      };
    },
    close: async () => instance.close(),
  };
}
