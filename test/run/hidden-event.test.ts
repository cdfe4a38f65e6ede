import { expect, test } from 'vitest';
import { hiddenEvent } from '../../controller/run/hidden-event.ts';
import { rememberSecret } from '../../controller/vault/secret-texts.ts';

test('what a run goes by is no secret, whatever was encrypted', () => {
  rememberSecret(['vm01', 'failed', 'task', 'host', 'type', 'debug', 4711, 'hunter2-x']);
  const place = { file: 'site.yml', line: 4711, column: 1 };
  const told = { host: 'vm01', play: 'p', module: 'debug', status: 'failed', durationMs: 4711 } as const;
  const event = hiddenEvent({
    ...{ type: 'task-done', task: 'say hunter2-x', at: place, message: 'vm01 failed', ...told },
    ...{ result: { 'hunter2-x': 4711, n: 1 }, args: [4711], diff: { before: '', after: 'hunter2-x' } },
  });
  expect(event).toEqual({
    ...{ type: 'task-done', task: 'say ********', at: place, message: '******** ********', ...told },
    ...{ result: { '********': '********', n: 1 }, args: ['********'], diff: { before: '', after: '********' } },
  });
  const start = { type: 'play-start', play: '********', hosts: ['vm01', 'vm02'] } as const;
  expect(hiddenEvent({ ...start, play: 'hunter2-x' })).toEqual(start);
});
