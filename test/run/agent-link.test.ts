import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AgentLink, type TaskStream } from '../../controller/run/hosts/agent-link.ts';
import { type RunResponse, Status } from '../../proto/gen/orch/v1/agent.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** An agent that takes everything and never says a word. */
const silent: TaskStream = {
  send: () => undefined,
  bring: async () => undefined,
  program: () => {
    throw new Error('it runs no programs');
  },
  cancel: () => undefined,
  arm: () => undefined,
  extend: () => undefined,
  leave: () => undefined,
  close: () => undefined,
  responses: {
    [Symbol.asyncIterator]: () => ({ next: () => new Promise<IteratorResult<RunResponse>>(() => undefined) }),
  },
};
const task = {
  ...{ lane: 'vm01', batch: 1, module: 'command', items: [], check: false, diff: false, noLog: false },
  ...{ keepGoing: false, runAs: '', environment: {}, timeoutMs: 0, where: '', persist: false, cwd: '', ahead: false },
};

test('a host that does not end its tasks when they are cancelled is given up', async () => {
  const link = new AgentLink('vm01', silent);
  const running = link.run(task, {});
  const lost = expect(running).rejects.toMatchObject({ code: 'connection-lost', where: { host: 'vm01' } });
  link.cancel();
  await vi.advanceTimersByTimeAsync(20_000);
  await lost;
  await expect(link.run(task, {})).rejects.toMatchObject({ code: 'connection-lost' });
});

test('closing waits for the last word of a silent agent no longer than its deadline', async () => {
  const link = new AgentLink('vm01', silent);
  const closed = vi.fn();
  const closing = link.close(0, {}).then(closed);
  await vi.advanceTimersByTimeAsync(9_999);
  expect(closed).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await closing;
});

/** An agent that says these words as soon as it has a task, and keeps what it is asked for in `brought`. */
function talking(words: readonly RunResponse['message'][], brought: string[] = []): TaskStream {
  let begin = () => {};
  const asked = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const responses = (async function* () {
    await asked;
    for (const message of words) yield { seq: 0, message };
    await new Promise(() => undefined);
  })();
  const bring = async (id: string) => {
    brought.push(id);
    await new Promise(() => undefined);
  };
  return { ...silent, send: begin, bring, responses };
}

const item = { item: 0, status: Status.OK, resultJson: '{}', warnings: [], durationUs: 0, moreDiffs: [] };
const answer: RunResponse['message'] = { $case: 'itemDone', value: { task: 1, ...item } };

test('a host that answers a task more often than it has items is lost', async () => {
  const left = vi.fn();
  const link = new AgentLink('vm01', { ...talking([answer, answer]), leave: left });
  const item = vi.fn();
  const running = link.run({ ...task, items: [{ paramsJson: '{}' }] }, { item });
  await expect(running).rejects.toMatchObject({ detail: 'The agent answers what it was not asked.' });
  expect(item).toHaveBeenCalledTimes(1);
  expect(left).toHaveBeenCalled();
});

const two = { ...task, items: [{ paramsJson: '{}' }, { paramsJson: '{}' }] };
const done: RunResponse['message'] = { $case: 'taskDone', value: { task: 1, status: Status.OK } };
const dropped: RunResponse['message'] = { $case: 'dropped', value: { tasks: [1] } };
const failed: RunResponse['message'] = {
  $case: 'itemDone',
  value: { task: 1, ...item, status: Status.FAILED },
};

test.each([
  ['ends a task with an item untold', [answer, done], 'The agent says that a task is done, and has not told'],
  ['tells one item twice and another never', [answer, answer, done], 'The agent answers what it was not asked.'],
])('a host that %s is lost: nothing of it is said to be well', async (_, words, detail) => {
  const running = new AgentLink('vm01', talking(words)).run(two, {});
  await expect(running).rejects.toMatchObject({ code: 'connection-lost', detail: expect.stringContaining(detail) });
});

test('a host that throws a task away with nothing failed before has a while to say why, and is lost', async () => {
  const running = new AgentLink('vm01', talking([dropped])).run(two, {});
  const lost = expect(running).rejects.toMatchObject({
    code: 'connection-lost',
    summary: 'The agent threw tasks away, and nothing has failed.',
  });
  await vi.advanceTimersByTimeAsync(20_000);
  await lost;
});

test('a task behind one that failed, or that was cancelled, may be thrown away', async () => {
  const behind: RunResponse['message'] = { $case: 'dropped', value: { tasks: [2] } };
  const link = new AgentLink(
    'vm01',
    talking([failed, { ...failed, value: { ...failed.value, item: 1 } }, done, behind]),
  );
  const replies = await Promise.all([link.run(two, {}), link.run(two, {})]);
  expect(replies.map(({ dropped }) => dropped)).toEqual([false, true]);
  const cancelled = new AgentLink('vm01', talking([dropped]));
  const reply = cancelled.run(two, {});
  cancelled.dropQueued();
  expect(await reply).toEqual({ items: [], dropped: true });
});

const long = 'x'.repeat(100 * 1024 * 1024);
test.each([{ resultJson: long }, { warnings: [long] }])(
  'a host whose answers to one task are more than memory holds is lost',
  async (texts) => {
    const large = { ...item, ...texts };
    const words: RunResponse['message'][] = [1, 2, 3].map((_, index) => ({
      $case: 'itemDone',
      value: { task: 1, ...large, item: index },
    }));
    const link = new AgentLink('vm01', talking(words));
    const heard = vi.fn();
    const running = link.run(
      { ...task, items: Array.from({ length: 3 }, () => ({ paramsJson: '{}' })) },
      { item: heard },
    );
    await expect(running).rejects.toMatchObject({
      code: 'connection-lost',
      detail: 'The results of one task have more than 268435456 characters.',
    });
    expect(heard).toHaveBeenCalledTimes(2);
  },
);

test('a host whose answer is short, and much in memory, is lost before it is read', async () => {
  const wide: RunResponse['message'] = {
    $case: 'itemDone',
    value: { task: 1, ...item, resultJson: `{"a":[${'{},'.repeat(10_000_000)}1]}` },
  };
  const heard = vi.fn();
  const running = new AgentLink('vm01', talking([wide])).run(
    { ...task, items: [{ paramsJson: '{}' }] },
    { item: heard },
  );
  await expect(running).rejects.toMatchObject({ detail: expect.stringContaining('The results of one task have more') });
  expect(heard).not.toHaveBeenCalled();
});

test('what a host says or asks for again and again counts once', async () => {
  const started: RunResponse['message'] = { $case: 'started', value: { task: 1 } };
  const wanted = (task: number, id: string): RunResponse['message'] => ({ $case: 'wanted', value: { task, id } });
  const asks = [wanted(1, 'a'), wanted(1, 'a'), wanted(1, 'x'), wanted(1, 'y'), wanted(7, 'a')];
  const brought: string[] = [];
  const done: RunResponse['message'] = { $case: 'taskDone', value: { task: 1, status: Status.OK } };
  const link = new AgentLink('vm01', talking([started, started, ...asks, done], brought));
  const begun = vi.fn();
  await link.run(task, { started: begun, offers: new Map([['a', Buffer.from('a')]]) });
  expect(begun).toHaveBeenCalledTimes(1);
  expect(brought).toEqual(['a', 'x']);
});

test.each(['connection-lost', 'not-confirmed'])(
  'a host that gives the run up is lost, not failed: %s',
  async (code) => {
    const diagnostic = { code, summary: 'The agent was told to end.', detail: '', hint: '' };
    const given: RunResponse['message'] = { $case: 'itemDone', value: { task: 1, ...item, diagnostic } };
    const link = new AgentLink('vm01', talking([given]));
    const heard = vi.fn();
    const running = link.run({ ...task, items: [{ paramsJson: '{}' }] }, { item: heard });
    await expect(running).rejects.toMatchObject({
      code,
      summary: 'The agent was told to end.',
      where: { host: 'vm01' },
    });
    expect(heard).not.toHaveBeenCalled();
  },
);
