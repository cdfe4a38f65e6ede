import type { RunEvent } from '../report/types.ts';
import { hideSecrets, hideSecretsIn } from '../vault/secret-texts.ts';

/** Words by which a run goes on and is counted, and names: somebody's secret may be the same. */
const plain = new Set([
  ...['type', 'run', 'lab', 'playbook', 'inventory', 'host', 'hosts', 'module', 'order', 'transport'],
  ...['status', 'state', 'code', 'from', 'to', 'address', 'expected', 'observed'],
  ...['cause', 'confidence', 'direction', 'netns'],
]);
/** What may be anything: keys and numbers in it may be secrets, too. */
const anything = new Set(['result', 'args', 'data']);

/** An event without the secrets in its texts. */
export const hiddenEvent = (event: RunEvent): RunEvent => hidden(event) as RunEvent;

function hidden(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return plain.has(name) ? value : hideSecrets(value);
  if (Array.isArray(value)) return value.map((item) => hidden(item, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, anything.has(key) ? hideSecretsIn(item) : hidden(item, key)]),
  );
}
