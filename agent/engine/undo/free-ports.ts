import type { OrchError } from '../../../proto/errors.ts';
import type { Action } from '../../linux/action.ts';
import { after } from '../steps/touched.ts';

/** Ports whose master is gone: what they had there is for no other one. */
export class FreePorts {
  private readonly ports = new Set<string>();

  /** The action was refused. */
  note(action: Action, { code }: OrchError): void {
    const as = asPort(action);
    if (as?.joins && code === 'missing-object') this.ports.add(as.port);
  }

  /** Whether the action would give one of them what it had there. */
  concerns(action: Action): boolean {
    const as = asPort(action);
    return as?.joins === false && this.ports.has(as.port);
  }
}

/** What an action does to a port: puts it under a master, or gives it something that it has there. */
function asPort(action: Action): { readonly port: string; readonly joins: boolean } | undefined {
  if (action.op !== 'ip' && action.op !== 'bridge') return undefined;
  const { op, args, netns = '' } = action;
  const [object, , , , word, kind = ''] = args;
  const joins = op === 'ip' && object === 'link' && word === 'master';
  // Its VNIs a VXLAN has by itself.
  const ofBridge = op === 'bridge' && object !== 'vni' && !args.includes('self');
  const isThere = ofBridge || (word === 'type' && /^(bond|bridge)_slave$/.test(kind));
  return joins || isThere ? { port: `${netns}/${after(args, 'dev')}`, joins } : undefined;
}
