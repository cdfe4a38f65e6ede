import { expect, it } from 'vitest';
import { Arrivals, noArrivals } from '../../agent/engine/run/arrivals.ts';

async function* chunks(...parts: readonly string[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield Buffer.from(part);
}

async function text(from: AsyncIterable<Uint8Array>): Promise<string> {
  let all = '';
  for await (const chunk of from) all += Buffer.from(chunk).toString();
  return all;
}

const never = new AbortController().signal;

it('brings a content that is asked for', async () => {
  const arrivals = new Arrivals();
  const asked: string[] = [];
  const brought = arrivals.bring('a', text, never, () => asked.push('a'));
  expect(asked).toEqual(['a']);
  await arrivals.arrive('a', chunks('one ', 'two'));
  expect(await brought).toBe('one two');
});

it('takes nothing that no task waits for', async () => {
  const arrivals = new Arrivals();
  await expect(arrivals.arrive('a', chunks('x'))).rejects.toThrow('no task waits for it');
  const brought = arrivals.bring('a', text, never, () => undefined);
  await arrivals.arrive('a', chunks('x'));
  await brought;
  await expect(arrivals.arrive('a', chunks('x'))).rejects.toThrow('no task waits for it');
});

it('fails the task where the content breaks off', async () => {
  const arrivals = new Arrivals();
  const brought = arrivals.bring('a', text, never, () => undefined);
  const broken = async function* () {
    yield Buffer.from('x');
    throw new Error('the connection broke');
  };
  const failed = expect(brought).rejects.toThrow('The content did not arrive: the connection broke.');
  await arrivals.arrive('a', broken());
  await failed;
});

it('ends with its task, before and while the content comes', async () => {
  const arrivals = new Arrivals();
  const cancelled = new AbortController();
  const before = arrivals.bring('a', text, cancelled.signal, () => undefined);
  const meanwhile = arrivals.bring('b', text, cancelled.signal, () => undefined);
  const ends = [before, meanwhile].map((each) => expect(each).rejects.toThrow('enough'));
  const cancelling = async function* () {
    yield Buffer.from('x');
    cancelled.abort(new Error('enough'));
    yield Buffer.from('y');
  };
  await arrivals.arrive('b', cancelling());
  await Promise.all(ends);
  await expect(arrivals.arrive('a', chunks('x'))).rejects.toThrow('no task waits for it');
});

it('brings nothing where no workstation is there', async () => {
  const brought = noArrivals.bring('a', text, never, () => undefined);
  await expect(brought).rejects.toThrow('it is on the workstation, which is not there');
});
