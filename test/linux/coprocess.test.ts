import { expect, it } from 'vitest';
import { Coprocess } from '../../agent/linux/ip/coprocess.ts';

const line = (output: string) => (output.includes('\n') ? output.indexOf('\n') + 1 : undefined);

it('answers line by line, and ends with its input', async () => {
  const cat = Coprocess.start(['cat']);
  const both = [cat.ask('one', 'one\n', line), cat.ask('two', 'two\n', line)];
  expect(await Promise.all(both)).toEqual([
    { text: 'one\n', end: 'answered' },
    { text: 'two\n', end: 'answered' },
  ]);
  await cat.close();
  expect(cat.alive).toBe(false);
  expect(await cat.ask('three', 'three\n', line)).toEqual({ text: '', end: 'unread' });
});

it('is ended when it floods, and says why', async () => {
  const flood = Coprocess.start(['sh', '-c', 'exec cat /dev/zero']);
  await expect(flood.ask('a question', '\n', () => undefined)).rejects.toMatchObject({
    code: 'command-failed',
    summary: 'a question gave no usable answer: more than 64 MiB.',
  });
  expect(flood.alive).toBe(false);
});
